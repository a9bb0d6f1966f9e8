public import ArgumentParser
public import Models

/// The names of `--quantization`.
extension WeightQuantization.Algorithm: ExpressibleByArgument {}
