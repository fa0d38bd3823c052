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
      let ahead = layered == nil ? state.aheadSums(plan.aheadSize) : nil
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
      // First a state of its own: another may refer to the same one until then.
      let values = states[stream].writable()
      states[stream].hasAheadSums = false
      return values
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
    for (index, layer) in plan.layers.enumerated() {
      if let table = layer.table {
        for stream in 0..<streams {
          addends[stream] = table + tokens[stream] * layer.tableRow
          addends[streams + stream] = nil
        }
      }
      for stream in 0..<streams {
        let values = job.states[stream] + layer.statePlace
        pointers[index * streams + stream] = values
        if let ahead = job.ahead, ahead.areThere { continue }
        prepare(values, 0..<layer.size, of: layer.size, to: job.own(layer, stream))
      }
    }
  }

  /// What one of `members` threads does of a step.
  func work(_ job: StepJob, member: Int, members: Int) {
    let set = kernels.pointer
    let streams = job.streams
    let pointers = job.statePointers(places)
    var below = LiltInputs(values: nil, stride: 0)
    for (index, layer) in plan.layers.enumerated() {
      let groups = layer.share(of: member, of: members)
      let addends = UnsafePointer(job.addends(places)) + (index == 0 ? 0 : streams)
      let states = pointers + index * streams
      if let ahead = job.ahead {
        multiply(
          layer, groups, below, job, ahead, addend: addends[0], state: states[0],
          members: members)
      } else {
        withUnsafePointer(to: layer.matrix) { matrix in
          set.pointee.lstm(
            matrix, Int32(groups.lowerBound), Int32(groups.upperBound), Int32(streams), below,
            job.owns(layer), addends, UnsafePointer(states))
        }
      }
      let units =
        min(
          layer.size, groups.lowerBound * layer.unitsPerGroup)..<min(
          layer.size, groups.upperBound * layer.unitsPerGroup)
      for stream in 0..<streams {
        guard let values = states[stream] else { continue }
        prepare(values, units, of: layer.size, to: job.output(layer, stream))
      }
      if members > 1 { lilt_pair_meet(Int32(member)) }
      below = job.outputs(layer)
      if let ahead = job.ahead, !ahead.areThere {
        multiplyAhead(layer, groups, below, ahead, members: members)
      }
    }
    dense(job, below, member: member, members: members)
  }

  /// The products and gates of a layer for one stream, with what the last step has done ahead.
  private func multiply(
    _ layer: StepPlan.Layer, _ groups: Range<Int>, _ below: LiltInputs, _ job: StepJob,
    _ ahead: AheadSums, addend: UnsafePointer<Float>?, state: UnsafeMutablePointer<Float>?,
    members: Int
  ) {
    let part = kernels.pointer.pointee.lstm_part
    let groups = LiltGroups(groups, asks: asks(bytesPerStep, members))
    let sums = ahead.start + layer.aheadPlace
    let hasBelow = below.values != nil
    withUnsafePointer(to: layer.matrix) { matrix in
      if ahead.areThere {
        part?(
          matrix, groups, hasBelow ? LILT_BELOW : LILT_NEITHER, below, true, sums, addend, state)
      } else {
        if hasBelow { part?(matrix, groups, LILT_BELOW, below, false, sums, nil, nil) }
        part?(matrix, groups, LILT_OWN, job.owns(layer), hasBelow, sums, addend, state)
      }
    }
  }

  /// What the layer's new output will add in the next step: its weights are still near.
  private func multiplyAhead(
    _ layer: StepPlan.Layer, _ groups: Range<Int>, _ output: LiltInputs, _ ahead: AheadSums,
    members: Int
  ) {
    withUnsafePointer(to: layer.matrix) { matrix in
      kernels.pointer.pointee.lstm_part(
        matrix, LiltGroups(groups, backwards: true, asks: asks(layer.ownBytes, members)),
        LILT_OWN, output, false, ahead.start + layer.aheadPlace, nil, nil)
    }
  }

  /// Whether bytes of weights should be asked for: those that come from beyond a core's second cache,
  /// for the most part. Groups of floats are long enough for the processor to see by itself what
  /// comes next.
  private func asks(_ bytes: Int, _ members: Int) -> Bool {
    precision.readsBytes && bytes / members > Self.nearBytes
  }

  private static let nearBytes = lilt_cache_size() * 3 / 2

  private func dense(_ job: StepJob, _ input: LiltInputs, member: Int, members: Int) {
    let set = kernels.pointer
    let streams = job.streams
    let scales = job.scales(places)
    var input = input
    for (index, layer) in plan.head.enumerated() {
      let isLast = index == plan.head.count - 1
      let output = job.dense(places, index % 2)
      let half = members == 1 ? layer.pairs : (layer.pairs + 1) / 2
      let pairs = member == 0 ? 0..<half : half..<layer.pairs
      withUnsafePointer(to: layer.matrix) { matrix in
        set.pointee.dense(
          matrix, Int32(pairs.lowerBound), Int32(pairs.upperBound), Int32(streams), input,
          index == 0 ? nil : scales, layer.isRectified, output, places.widest)
      }
      if members > 1 && !isLast { lilt_pair_meet(Int32(member)) }
      if isLast {
        // Whoever computed rows copies them.
        let first = min(vocabularySize, pairs.lowerBound * layer.rowsPerPair)
        let count = min(vocabularySize, pairs.upperBound * layer.rowsPerPair) - first
        for stream in 0..<streams where count > 0 {
          (job.logits + stream * vocabularySize + first).update(
            from: output + stream * places.widest + first, count: count)
        }
      } else if precision.readsBytes {
        // Bytes of what has no bounds: the largest value is worth 127.
        for stream in 0..<streams where members == 1 || stream % 2 == member {
          let values = output + stream * places.widest
          let largest = set.pointee.largest(values, Int32(layer.size))
          let scale = largest > 0 ? largest / 127 : 1
          scales[stream] = scale
          set.pointee.quantize(
            values, 0, Int32(layer.size), 1 / scale, Int32(layer.size),
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
