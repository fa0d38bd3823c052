/// What a file may leave open.
public struct ImportOptions: Equatable, Sendable {
  /// Of plain recurrent layers in files that do not say: `tanh` or `relu`.
  public var hiddenActivation: ImportedNetwork.Activation
  /// New names for tensors before they are sorted into layers, where the guess goes wrong.
  public var renamed: [String: String]

  public init(
    hiddenActivation: ImportedNetwork.Activation = .tanh, renamed: [String: String] = [:]
  ) {
    self.hiddenActivation = hiddenActivation
    self.renamed = renamed
  }

  func assumptions(normEpsilon: Double) -> LayerGroup.Assumptions {
    LayerGroup.Assumptions(hiddenActivation: hiddenActivation, normEpsilon: normEpsilon)
  }
}
