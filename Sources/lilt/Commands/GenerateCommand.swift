import ArgumentParser
import Neural

/// `lilt generate`: tunes without a screen.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Let the model write tunes, without a screen.",
    discussion: """
      Without --seed-abc whole tunes from nothing, otherwise the seed goes on. With --bars every tune \
      has that many bars, those of the seed and no pickup counted, and ends with a bar line. The same \
      arguments give the same bytes; -k tunes differ among themselves.

      With --legal, the default, only characters are drawn that can continue correct ABC: bars add \
      up, repeats are closed. --free draws whatever the model says.

      --best-of N draws N tunes for each one and judges them as 'lilt judge' does: kept is the one \
      that passes most of the nine gates and, of those, is most like tunes of its dance. Standard \
      error tells how many passed.

      No more than 23 notes in a row are those of a tune that the model has learnt from, in any key; \
      --copy-guard says otherwise, and 'warn N' only tells. --repertoire adds tunes that you know.

      A model of notes (MIDI as characters, notes and chords, or pitch, step and duration) writes bars \
      of notes, 16 unless --bars or --characters says otherwise, and every bar adds up.

      --shard I/M writes the I-th of M parts of the -k tunes, 1 to M: the parts one after the other \
      are the whole, byte for byte. With GNU parallel, and as an array job of Slurm:

        parallel lilt generate -k 10000 --shard {}/16 -o part{}.abc ::: $(seq -w 16)
        N='$SLURM_ARRAY_TASK_ID'
        sbatch --array=1-16 --wrap "lilt generate -k 10000 --shard $N/16 -o $N.abc"

      --format json is one object for each tune. Exit status 3 when the checkpoint cannot be used, 4 \
      when the seed cannot be read, 6 when the output cannot be written.
      """,
    aliases: ["gen"])

  @Option(help: "The model: a name or a file.")
  var checkpoint: String?
  @Option(
    name: .customLong("seed-abc"),
    help: "ABC text or a MIDI file to go on from; - is standard input.")
  var seed: String?
  @Option(help: "Bars of each tune (1 to 999).")
  var bars: Int?
  @Option(
    help: "Stop each tune after so many characters (1 to 100000); with --legal at a bar line.")
  var characters: Int?
  @Option(
    name: [.long, .customLong("temp")], help: "0 to 10; below 1 calmer, 0 always the likeliest.")
  var temperature = GenerateRequest.defaults.temperature
  @Option(name: .customLong("top-k"), help: "Only the so many likeliest characters; 0 = all.")
  var topK = GenerateRequest.defaults.topK
  @Option(name: .customLong("top-p"), help: "Only the likeliest that together have this share.")
  var topP = GenerateRequest.defaults.topP
  @Option(
    name: .customLong("min-p"), help: "Only those at least this part as likely as the likeliest.")
  var minP = GenerateRequest.defaults.minP
  @Option(help: "Chooses among the tunes there could be.")
  var rng = GenerateRequest.defaults.rng
  @Option(name: [.customShort("k"), .long], help: "How many tunes (1 to 1000000).")
  var count = GenerateRequest.defaults.count
  @Option(help: "Only one part of the tunes, such as 3/16.")
  var shard: Shard?
  @Option(
    name: .customLong("best-of"),
    help: "Draw so many for each tune and keep the one that is made best (1 to 1000).")
  var bestOf = GenerateRequest.defaults.bestOf
  @Option(help: "Rhythm of a tune from nothing, such as jig, reel or hornpipe.")
  var rhythm: String?
  @Option(help: "Meter of a tune from nothing, such as 6/8.")
  var meter: String?
  @Option(
    name: .customLong("unit-length"), help: "Unit length of a tune from nothing, such as 1/8.")
  var unitLength: String?
  @Option(help: "Key of a tune from nothing, such as Em or 'D dorian'.")
  var key: String?
  @OptionGroup(title: "What is wanted of the tunes") var writing: WritingOptions
  @Option(
    name: .customLong("repertoire"),
    help: "Tunes of your own that are not copied either: a file of 'lilt repertoire'.")
  var repertoires: [String] = []
  @Flag(exclusivity: .exclusive, help: "Draw correct ABC only, or whatever the model says.")
  var rules = Rules.legal
  @Option(help: "abc, mid or json; mid is one tune.")
  var format = GenerateRequest.defaults.format
  @Option(name: .shortAndLong, help: "The file to write; - is standard output.")
  var output = GenerateRequest.defaults.output
  @Option(help: "Arithmetic: auto, fp32, bf16, int8 or int4; fp32 is the same on every machine.")
  var precision = GenerateRequest.defaults.precision
  @Option(help: "1, 2, or auto: two where that is faster. The tunes stay the same.")
  var threads = GenerateRequest.defaults.threads

  enum Rules: String, EnumerableFlag { case legal, free }

  /// What is asked for, without what reading it took.
  var request: GenerateRequest {
    var request = GenerateRequest()
    request.checkpoint = checkpoint
    request.seed = seed
    request.bars = bars
    request.characters = characters
    request.temperature = temperature
    request.topK = topK
    request.topP = topP
    request.minP = minP
    request.rng = rng
    request.count = count
    request.shard = shard
    request.bestOf = bestOf
    request.rhythm = rhythm
    request.meter = meter
    request.unitLength = unitLength
    request.key = key
    request.isLegal = rules == .legal
    for (name, value) in writing.values { request.wishes[name] = value }
    request.repertoires = repertoires
    request.mood = writing.mood
    request.memoryTunes = writing.memoryTunes
    request.format = format
    request.output = output
    request.precision = precision
    request.threads = threads
    return request
  }

  func validate() throws { try request.validate() }

  func run() throws { try request.run() }
}

extension GenerateRequest.Format: ExpressibleByArgument {}

extension Shard: ExpressibleByArgument {}
