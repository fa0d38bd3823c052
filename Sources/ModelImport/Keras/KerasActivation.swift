import Neural

extension ImportedNetwork.Activation {
  /// The negative slope of Keras's layer `LeakyReLU` where none is given.
  static let kerasSlope: Float = 0.3

  /// What `activation=` of a Keras layer says; nil where that is not known.
  ///
  /// It is the name of a function (`leaky_relu`), a function in a wrapper, or a whole layer that
  /// stands for one: `LeakyReLU(alpha=0.1)`.
  static func keras(_ value: Literal?, majorVersion: Int) -> Self? {
    guard let value, value != .none else { return .linear }
    if let className = value["class_name"]?.text, value["config"]?.text == nil {
      return kerasLayer(className, value["config"]) ?? function(className, majorVersion)
    }
    guard let name = value.text ?? value["config"]?.text else { return nil }
    return function(name, majorVersion) ?? kerasLayer(name, nil)
  }

  private static func function(_ name: String, _ majorVersion: Int) -> Self? {
    switch name {
    case "hard_sigmoid": majorVersion >= 3 ? .hardSigmoidSixth : .hardSigmoid
    // The default of `keras.activations.leaky_relu` and of `tf.nn.leaky_relu`.
    case "leaky_relu": .leakyReLU(slope: 0.2)
    default: Self(name: name)
    }
  }

  /// A layer of Keras that only applies an activation; nil for any other.
  static func kerasLayer(_ className: String, _ settings: Literal?) -> Self? {
    switch className {
    case "Softmax": return .softmax
    case "ELU" where number("alpha", in: settings) ?? 1 == 1: return .elu
    case "LeakyReLU":
      // Keras 3 calls it `negative_slope`, those before `alpha`.
      let slope = number("negative_slope", in: settings) ?? number("alpha", in: settings)
      return leaky(slope ?? Double(kerasSlope))
    case "ReLU"
    where number("max_value", in: settings) == nil && number("threshold", in: settings) ?? 0 == 0:
      let slope = number("negative_slope", in: settings) ?? 0
      return slope == 0 ? .relu : leaky(slope)
    default: return nil
    }
  }

  private static func leaky(_ slope: Double) -> Self? {
    Float(slope).isFinite ? .leakyReLU(slope: Float(slope)) : nil
  }

  /// A setting that is a number, or an array of NumPy of one.
  private static func number(_ name: String, in settings: Literal?) -> Double? {
    settings?[name]?.number ?? settings?[name]?["value"]?.number
  }
}
