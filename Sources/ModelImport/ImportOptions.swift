/// What a file may leave open.
public struct ImportOptions: Equatable, Sendable {
  /// Of plain recurrent layers in files that do not say: `tanh` or `relu`.
  public var hiddenActivation: ImportedNetwork.Activation
  /// Between the dense layers of files that do not say.
  public var denseActivation: ImportedNetwork.Activation
  /// New names for tensors before they are sorted into layers, where the guess goes wrong; an empty
  /// one leaves the tensor out.
  public var renamed: [String: String]

  public init(
    hiddenActivation: ImportedNetwork.Activation = .tanh,
    denseActivation: ImportedNetwork.Activation = .relu, renamed: [String: String] = [:]
  ) {
    self.hiddenActivation = hiddenActivation
    self.denseActivation = denseActivation
    self.renamed = renamed
  }

  func assumptions(normEpsilon: Double) -> LayerGroup.Assumptions {
    LayerGroup.Assumptions(
      hiddenActivation: hiddenActivation, denseActivation: denseActivation,
      normEpsilon: normEpsilon)
  }
}
