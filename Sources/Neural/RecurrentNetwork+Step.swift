import Kernels

extension RecurrentNetwork {
  /// Reads one token and scores every possible next one.
  ///
  /// - Parameters:
  ///   - token: An index in `0..<vocabularySize`.
  ///   - state: One of this network's; updated in place.
  ///   - logits: Receives `vocabularySize` unnormalised log-probabilities.
  ///
  /// Gate order is input, forget, cell, output, as in `torch.nn.LSTM`. Allocates nothing once the
  /// thread has made a step.
  public func step(
    _ token: Int, state: inout State, logits: inout [Float], threads: ThreadChoice = .one
  ) {
    if logits.count != vocabularySize {
      logits = [Float](repeating: 0, count: vocabularySize)
    }
    logits.withUnsafeMutableBufferPointer { logits in
      guard let logits = logits.baseAddress else { return }
      var token = token
      var values = state.writable()
      let ahead = layered == nil ? state.aheadSums(places.aheadSize) : nil
      withExtendedLifetime(state) {
        run(&token, &values, streams: 1, logits: logits, ahead: ahead, threads: threads)
      }
      if let ahead { state.hasAheadSums = !ahead.areThere }
    }
  }

  /// Reads one token of each of several streams, which is faster than one after the other: the
  /// weights are read once for all of them. Each stream gets what it would get alone, bit for bit.
  ///
  /// - Parameters:
  ///   - tokens: One for each stream, an index in `0..<vocabularySize`.
  ///   - states: As many, of this network; updated in place.
  ///   - logits: Receives `(streams, vocabularySize)` unnormalised log-probabilities.
  public func step(
    _ tokens: [Int], states: inout [State], logits: inout [Float], threads: ThreadChoice = .one
  ) {
    precondition(tokens.count == states.count, "one state for each token")
    let count = tokens.count * vocabularySize
    if logits.count != count { logits = [Float](repeating: 0, count: count) }
    let pointers = states.indices.map { stream in
      states[stream].hasAheadSums = false
      return states[stream].writable()
    }
    withExtendedLifetime(states) {
      logits.withUnsafeMutableBufferPointer { logits in
        tokens.withUnsafeBufferPointer { tokens in
          pointers.withUnsafeBufferPointer { pointers in
            guard let logits = logits.baseAddress, let tokens = tokens.baseAddress,
              let pointers = pointers.baseAddress
            else { return }
            // So many streams that their inputs stay in the second cache beside the weights.
            let most = precision.readsBytes ? 128 : 64
            for first in stride(from: 0, to: states.count, by: most) {
              run(
                tokens + first, pointers + first, streams: min(most, states.count - first),
                logits: logits + first * vocabularySize, threads: threads)
            }
          }
        }
      }
    }
  }

  private func run(
    _ tokens: UnsafePointer<Int>, _ states: UnsafePointer<UnsafeMutablePointer<Float>>,
    streams: Int, logits: UnsafeMutablePointer<Float>, ahead: AheadSums? = nil,
    threads: ThreadChoice
  ) {
    for stream in 0..<streams {
      precondition((0..<vocabularySize).contains(tokens[stream]), "no such token")
    }
    if let layered {
      for stream in 0..<streams {
        var input = Float(tokens[stream])
        layered.step(&input, values: states[stream], results: logits + stream * vocabularySize)
      }
      return
    }
    guard let scratch = lilt_scratch(streams * places.size) else {
      preconditionFailure("there is no memory for a step")
    }
    var job = StepJob(
      network: Unmanaged.passUnretained(self), states: states, streams: streams, logits: logits,
      scratch: scratch, ahead: ahead)
    prepare(&job, tokens)
    threads.run(&job, worth: bytesPerStep * streams)
  }

  /// Brings the layers' last outputs to the form of inputs, and finds what the tokens add.
  private func prepare(_ job: inout StepJob, _ tokens: UnsafePointer<Int>) {
    let streams = job.streams
    let addends = job.addends(places)
    let pointers = job.statePointers(places)
    if let table = layers.first?.table {
      for stream in 0..<streams {
        addends[stream] = table.start + tokens[stream] * table.rowLength
        addends[streams + stream] = nil
      }
    }
    var offset = 0
    for index in layers.indices {
      let size = layers[index].hiddenSize
      for stream in 0..<streams {
        let values = job.states[stream] + offset
        pointers[index * streams + stream] = values
        if let ahead = job.ahead, ahead.areThere { continue }
        prepare(values, 0..<size, of: size, to: job.own(places, index, stream))
      }
      offset += 2 * layers[index].paddedSize
    }
  }

  /// What one of `members` threads does of a step.
  func work(_ job: StepJob, member: Int, members: Int) {
    let set = kernels.pointer
    let streams = job.streams
    let pointers = job.statePointers(places)
    for index in layers.indices {
      let layer = layers[index]
      let groups = layer.share(of: member, of: members)
      let addends = UnsafePointer(job.addends(places)) + (index == 0 ? 0 : streams)
      if let ahead = job.ahead {
        multiply(layer, groups, index, job, ahead, addend: addends[0], members: members)
      } else {
        layer.weights.withMatrix { matrix in
          set.pointee.lstm(
            matrix, Int32(groups.lowerBound), Int32(groups.upperBound), Int32(streams),
            index == 0
              ? LiltInputs(values: nil, stride: 0) : job.outputs(places, index - 1),
            job.owns(places, index), addends, UnsafePointer(pointers + index * streams))
        }
      }
      let perGroup = layer.paddedSize / Int(layer.weights.matrix.groups)
      let units =
        min(
          layer.hiddenSize, groups.lowerBound * perGroup)..<min(
          layer.hiddenSize, groups.upperBound * perGroup)
      for stream in 0..<streams {
        guard let values = pointers[index * streams + stream] else { continue }
        prepare(
          values, units, of: layer.hiddenSize, to: job.output(places, index, stream))
      }
      if members > 1 { lilt_pair_meet(Int32(member)) }
      if let ahead = job.ahead, !ahead.areThere {
        multiplyAhead(layer, groups, index, job, ahead, members: members)
      }
    }
    dense(job, member: member, members: members)
  }

  /// The products and gates of a layer for one stream, with what the last step has done ahead.
  private func multiply(
    _ layer: LSTMLayer, _ groups: Range<Int>, _ index: Int, _ job: StepJob, _ ahead: AheadSums,
    addend: UnsafePointer<Float>?, members: Int
  ) {
    let part = kernels.pointer.pointee.lstm_part
    let groups = LiltGroups(groups, asks: asks(bytesPerStep, members))
    let sums = ahead.start + places.ahead[index]
    let state = job.statePointers(places)[index]
    let nothing = LiltInputs(values: nil, stride: 0)
    let below = index == 0 ? nothing : job.outputs(places, index - 1)
    layer.weights.withMatrix { matrix in
      if ahead.areThere {
        part?(
          matrix, groups, index == 0 ? LILT_NEITHER : LILT_BELOW, below, true, sums, addend, state)
      } else {
        if index > 0 { part?(matrix, groups, LILT_BELOW, below, false, sums, nil, nil) }
        part?(
          matrix, groups, LILT_OWN, job.owns(places, index), index > 0, sums, addend, state)
      }
    }
  }

  /// What the layer's new output will add in the next step: its weights are still near.
  private func multiplyAhead(
    _ layer: LSTMLayer, _ groups: Range<Int>, _ index: Int, _ job: StepJob, _ ahead: AheadSums,
    members: Int
  ) {
    let bytes = layer.weightBytes / (index == 0 ? 1 : 2)
    layer.weights.withMatrix { matrix in
      kernels.pointer.pointee.lstm_part(
        matrix, LiltGroups(groups, backwards: true, asks: asks(bytes, members)),
        LILT_OWN, job.outputs(places, index), false, ahead.start + places.ahead[index], nil, nil)
    }
  }

  /// Whether bytes of weights should be asked for: those that come from beyond a core's second cache,
  /// for the most part. Groups of floats are long enough for the processor to see by itself what
  /// comes next.
  private func asks(_ bytes: Int, _ members: Int) -> Bool {
    precision.readsBytes && bytes / members > Self.nearBytes
  }

  private static let nearBytes = lilt_cache_size() * 3 / 2

  private func dense(_ job: StepJob, member: Int, members: Int) {
    let set = kernels.pointer
    let streams = job.streams
    let scales = job.scales(places)
    var input = job.outputs(places, layers.count - 1)
    for index in head.indices {
      let layer = head[index]
      let isLast = index == head.count - 1
      let output = job.dense(places, index % 2)
      let half = members == 1 ? layer.pairs : (layer.pairs + 1) / 2
      let pairs = member == 0 ? 0..<half : half..<layer.pairs
      layer.weights.withMatrix { matrix in
        set.pointee.dense(
          matrix, Int32(pairs.lowerBound), Int32(pairs.upperBound), Int32(streams), input,
          index == 0 ? nil : scales, layer.isRectified, output, places.widest)
      }
      if members > 1 && !isLast { lilt_pair_meet(Int32(member)) }
      if isLast {
        // Whoever computed rows copies them.
        let perPair = layer.paddedSize / layer.pairs
        let first = min(vocabularySize, pairs.lowerBound * perPair)
        let count = min(vocabularySize, pairs.upperBound * perPair) - first
        for stream in 0..<streams where count > 0 {
          (job.logits + stream * vocabularySize + first).update(
            from: output + stream * places.widest + first, count: count)
        }
      } else if precision.readsBytes {
        // Bytes of what has no bounds: the largest value is worth 127.
        for stream in 0..<streams where members == 1 || stream % 2 == member {
          let values = output + stream * places.widest
          let largest = set.pointee.largest(values, Int32(layer.outputSize))
          let scale = largest > 0 ? largest / 127 : 1
          scales[stream] = scale
          set.pointee.quantize(
            values, 0, Int32(layer.outputSize), 1 / scale, Int32(layer.outputSize),
            job.denseInput(places, stream))
        }
        if members > 1 { lilt_pair_meet(Int32(member)) }
        input = job.denseInputs(places)
      } else {
        input = LiltInputs(values: output, stride: 4 * places.widest)
      }
    }
  }

  /// Brings outputs of a recurrent layer, which lie between -1 and 1, to the form of inputs.
  private func prepare(
    _ values: UnsafeMutablePointer<Float>, _ units: Range<Int>, of count: Int,
    to input: UnsafeMutableRawPointer
  ) {
    guard !units.isEmpty else { return }
    if precision.readsBytes {
      kernels.pointer.pointee.quantize(
        values, Int32(units.lowerBound), Int32(units.upperBound), 127, Int32(count), input)
    } else {
      (input + 4 * units.lowerBound).copyMemory(
        from: values + units.lowerBound, byteCount: 4 * units.count)
    }
  }
}

extension LiltGroups {
  fileprivate init(_ groups: Range<Int>, backwards: Bool = false, asks: Bool) {
    self.init(
      first: Int32(groups.lowerBound), end: Int32(groups.upperBound), backwards: backwards,
      asks: asks)
  }
}

/// Sums of a layer's own last output, computed a step ahead: in every other step of one stream a
/// layer multiplies its old output and its new one with the same weights, one right after the other,
/// while they are in the nearer caches; the step between has these products already.
struct AheadSums {
  /// 32 bits for each packed row, from `StepPlaces.ahead` on for each layer.
  let start: UnsafeMutableRawPointer
  /// Whether this step has them; otherwise it makes those of the next.
  let areThere: Bool
}

extension LSTMLayer {
  /// The groups of one of `members` threads: whole blocks of inputs of the next layer.
  func share(of member: Int, of members: Int) -> Range<Int> {
    let groups = Int(weights.matrix.groups)
    guard members > 1 else { return 0..<groups }
    let perBlock = max(1, LILT_BLOCK / (paddedSize / groups))
    let half = min(groups, (groups / perBlock + 1) / 2 * perBlock)
    return member == 0 ? 0..<half : half..<groups
  }
}

/// Where a step keeps its inputs and outputs in the thread's scratch memory, in bytes for each
/// stream; the part of one kind for all streams begins at its place times the number of streams.
struct StepPlaces: Sendable {
  let addends: Int
  let states: Int
  let scales: Int
  /// Prepared last outputs of each layer, and prepared new ones.
  let own: [Int]
  let outputs: [Int]
  /// Bytes of a prepared input of each layer.
  let inputSizes: [Int]
  /// Two outputs of dense layers, `widest` floats each.
  let dense: [Int]
  let widest: Int
  /// A prepared input of a dense layer above the first.
  let denseInput: Int
  let denseInputSize: Int
  let size: Int
  /// Where each layer's part of `AheadSums` begins, and the bytes of all of them.
  let ahead: [Int]
  let aheadSize: Int

  init(layers: [LSTMLayer], head: [DenseLayer], precision: Precision) {
    var end = 0
    func place(_ bytes: Int) -> Int {
      defer { end += (bytes + 63) / 64 * 64 }
      return end
    }
    addends = place(16)
    states = place(8 * max(1, layers.count))
    scales = place(4)
    let format = precision.denseFormat
    // One cache line more than needed: inputs of different streams a multiple of 4 KB apart would
    // all want the same places in the first cache.
    inputSizes = layers.map { lilt_input_size(format, Int32($0.hiddenSize)) + 64 }
    own = inputSizes.map { place($0) }
    outputs = inputSizes.map { place($0) }
    widest = head.map(\.paddedSize).reduce(0, max) + 16
    dense = [place(4 * widest), place(4 * widest)]
    let largest = head.dropLast().map(\.outputSize).max() ?? 0
    denseInputSize = lilt_input_size(format, Int32(largest)) + 64
    denseInput = place(denseInputSize)
    size = end
    var rows = 0
    ahead = layers.map { layer in
      defer { rows += 4 * layer.paddedSize }
      return 4 * rows
    }
    aheadSize = 4 * rows
  }
}

/// One step of some streams.
struct StepJob {
  let network: Unmanaged<RecurrentNetwork>
  let states: UnsafePointer<UnsafeMutablePointer<Float>>
  let streams: Int
  let logits: UnsafeMutablePointer<Float>
  let scratch: UnsafeMutableRawPointer
  /// For one stream.
  let ahead: AheadSums?

  private func at<Value>(_ place: Int, _ type: Value.Type) -> UnsafeMutablePointer<Value> {
    (scratch + place * streams).assumingMemoryBound(to: type)
  }

  /// For the lowest layer, then as many null pointers for those above.
  func addends(_ places: StepPlaces) -> UnsafeMutablePointer<UnsafePointer<Float>?> {
    at(places.addends, UnsafePointer<Float>?.self)
  }

  /// For each layer those of all streams.
  func statePointers(_ places: StepPlaces) -> UnsafeMutablePointer<UnsafeMutablePointer<Float>?> {
    at(places.states, UnsafeMutablePointer<Float>?.self)
  }

  func scales(_ places: StepPlaces) -> UnsafeMutablePointer<Float> {
    at(places.scales, Float.self)
  }

  func own(_ places: StepPlaces, _ layer: Int, _ stream: Int) -> UnsafeMutableRawPointer {
    scratch + places.own[layer] * streams + stream * places.inputSizes[layer]
  }

  func owns(_ places: StepPlaces, _ layer: Int) -> LiltInputs {
    LiltInputs(
      values: scratch + places.own[layer] * streams, stride: places.inputSizes[layer])
  }

  func output(_ places: StepPlaces, _ layer: Int, _ stream: Int) -> UnsafeMutableRawPointer {
    scratch + places.outputs[layer] * streams + stream * places.inputSizes[layer]
  }

  func outputs(_ places: StepPlaces, _ layer: Int) -> LiltInputs {
    LiltInputs(
      values: scratch + places.outputs[layer] * streams, stride: places.inputSizes[layer])
  }

  func dense(_ places: StepPlaces, _ which: Int) -> UnsafeMutablePointer<Float> {
    at(places.dense[which], Float.self)
  }

  func denseInput(_ places: StepPlaces, _ stream: Int) -> UnsafeMutableRawPointer {
    scratch + places.denseInput * streams + stream * places.denseInputSize
  }

  func denseInputs(_ places: StepPlaces) -> LiltInputs {
    LiltInputs(
      values: scratch + places.denseInput * streams, stride: places.denseInputSize)
  }
}
