package import ArgumentParser

/// The option that chooses a version of a model on a hub; the commands that take a MODEL share it.
package enum RevisionOption {
    package static let names: NameSpecification = [.customLong("revision"), .customLong("hf_revision")]
    package static let help: ArgumentHelp = "Branch, tag or commit of a model on a hub (default: main)."
}
