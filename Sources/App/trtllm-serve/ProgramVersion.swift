/// What `--version` and `/version` say.
let programVersion = "0.1.0"
