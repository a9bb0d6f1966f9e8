/// What `--version` and `/version` say.
package let programVersion = "0.1.0"
