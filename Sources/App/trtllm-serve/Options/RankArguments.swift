public import ArgumentParser
public import Parallel

/// Transports as flags name them.
extension RankWorld.Transport: ExpressibleByArgument {}

/// Wire formats as flags name them.
extension WireFormat: ExpressibleByArgument {}
