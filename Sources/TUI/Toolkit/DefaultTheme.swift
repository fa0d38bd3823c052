// swift-format-ignore-file
/// `Themes/default.toml`, word for word, so that the program starts without a Themes folder.
let builtInTheme = #"""
# The theme lilt starts with, and the one others inherit from. It has a side for dark terminals and one
# for light: [palette], [style], [ramp] and [mono] hold in both, [dark.palette], [light.style] ... in one.
# A colour is "#rrggbb", a palette name, one of the sixteen terminal colours, "default", a number
# of the 256, or [true colour, 256, 16]. What is left out is computed.
name    = "Default"

[dark.palette]
bg      = ["#15171c", 234, "black"]
shade   = ["#101216", 233, "black"]        # rows of black keys
tint    = ["#20242e", 236, "black"]        # the row of the key note
raised  = ["#23272f", 236, "black"]        # popups
text    = ["#d7dae0", 253, "light-gray"]
quiet   = ["#878d99", 245, "light-gray"]
faint   = ["#4e5563", 240, "gray"]
accent  = ["#87afd7", 110, "cyan"]
ink     = ["#15171c", 234, "black"]        # text on the status bar
chosen  = ["#3a4660", 238, "blue"]         # selections
hand    = ["#87d787", 114, "light-green"]
model   = ["#5fafff", 75,  "light-cyan"]
paste   = ["#ffaf5f", 215, "yellow"]
file    = ["#d7d7af", 187, "light-gray"]
blue    = ["#5f87ff", 69,  "light-blue"]
sky     = ["#5fafff", 75,  "light-cyan"]
teal    = ["#5fd7d7", 80,  "cyan"]
green   = ["#87d787", 114, "light-green"]
lime    = ["#afd75f", 149, "green"]
yellow  = ["#ffd75f", 221, "light-yellow"]
orange  = ["#ffaf5f", 215, "yellow"]
red     = ["#ff5f5f", 203, "light-red"]
pink    = ["#ff87d7", 212, "light-magenta"]
violet  = ["#af87ff", 141, "magenta"]
cream   = ["#d7d7af", 187, "light-gray"]
white   = ["#ffffff", 231, "white"]
alarm   = ["#870000", 88,  "red"]

[light.palette]
bg      = ["#fbfbf8", 231, "white"]
shade   = ["#f0f0ec", 255, "white"]
tint    = ["#e4e8f0", 254, "white"]
raised  = ["#ececea", 255, "white"]
text    = ["#24262c", 235, "black"]
quiet   = ["#5f646e", 241, "black"]
faint   = ["#b2b2b2", 249, "gray"]
accent  = ["#005f87", 24,  "blue"]
ink     = ["#ffffff", 231, "white"]
chosen  = ["#c6dbef", 153, "light-gray"]
hand    = ["#2e7d32", 28,  "black"]
model   = ["#005fd7", 26,  "blue"]
paste   = ["#af5f00", 130, "red"]
file    = ["#5f646e", 241, "black"]
blue    = ["#5f5fd7", 62,  "gray"]
sky     = ["#005fd7", 26,  "blue"]
teal    = ["#005f5f", 23,  "blue"]
green   = ["#005f00", 22,  "black"]
lime    = ["#5f5f00", 58,  "black"]
yellow  = ["#875f00", 94,  "red"]
orange  = ["#875f00", 94,  "red"]
red     = ["#d70000", 160, "red"]
pink    = ["#af005f", 125, "magenta"]
violet  = ["#5f00af", 55,  "magenta"]
cream   = ["#5f5f5f", 59,  "black"]
white   = ["#000000", 16,  "black"]
alarm   = ["#ffd7d7", 224, "white"]

[style]
"ui.background"       = { bg = "bg" }
"ui.text"             = "text"
"ui.text.dim"         = "quiet"
"ui.border"           = "faint"
"ui.border.focus"     = { fg = "accent", attr = ["bold"] }
"ui.title"            = "quiet"
"ui.title.focus"      = { fg = "accent", attr = ["bold"] }
"ui.status"           = { fg = "ink", bg = "accent" }
"ui.status.title"     = { fg = "ink", bg = "accent", attr = ["bold"] }
"ui.status.gen.run"   = { fg = "ink", bg = "yellow", attr = ["bold"] }
"ui.status.gen.pause" = { fg = "ink", bg = "cream" }
"ui.status.gen.fail"  = { fg = "white", bg = "alarm", attr = ["bold"] }
"ui.status.play"      = { fg = "ink", bg = "green", attr = ["bold"] }
"ui.status.mode"      = { fg = "ink", bg = "white", attr = ["bold"] }
"ui.help"             = "quiet"
"ui.help.key"         = { fg = "text", attr = ["bold"] }
"ui.popup"            = { fg = "text", bg = "raised" }
"ui.popup.border"     = { fg = "accent", bg = "raised" }
"ui.popup.key"        = { fg = "accent", bg = "raised", attr = ["bold"] }
"ui.popup.dim"        = { fg = "quiet", bg = "raised" }
"ui.popup.selected"   = { fg = "white", bg = "chosen", attr = ["bold"] }
"ui.selection"        = { bg = "chosen" }
"ui.message"          = "text"
"ui.message.error"    = { fg = "white", bg = "alarm", attr = ["bold"] }
"ui.prompt"           = { fg = "accent", attr = ["bold"] }
"roll.row.white"      = { bg = "bg" }
"roll.row.black"      = { bg = "shade" }
"roll.row.tonic"      = { bg = "tint" }
"roll.barline"        = "faint"
"roll.beat"           = "faint"
"roll.ruler"          = "text"
"roll.ruler.warning"  = "orange"
"roll.chord"          = "yellow"
"roll.lyric"          = "cream"
"roll.label"          = "quiet"
"roll.note"           = "model"
"roll.note.voice.1"   = "sky"
"roll.note.voice.2"   = "orange"
"roll.note.voice.3"   = "green"
"roll.note.voice.4"   = "pink"
"roll.note.voice.5"   = "yellow"
"roll.note.voice.6"   = "violet"
"roll.note.hand"      = { fg = "hand", attr = ["bold"] }
"roll.note.model"     = "model"
"roll.note.paste"     = "paste"
"roll.note.file"      = "file"
"roll.note.shelf"     = "pink"
"roll.note.ghost"     = { fg = "faint", attr = ["dim"] }
"roll.note.playing"   = { attr = ["reverse"] }
"roll.note.locked"    = { attr = ["underline"] }
"roll.note.cursor"    = { bg = "chosen", attr = ["bold"] }
"roll.head.play"      = { fg = "green", attr = ["bold"] }
"roll.head.gen"       = { fg = "yellow", attr = ["bold"] }
"roll.head.edit"      = { fg = "white", attr = ["bold"] }
"roll.key.white"      = { fg = "ink", bg = ["#c6c6c6", 251, "light-gray"] }
"roll.key.black"      = { fg = "quiet", bg = "ink" }
"abc"                 = "text"
"abc.field"           = "quiet"
"abc.note"            = "text"
"abc.rest"            = "quiet"
"abc.accidental"      = "orange"
"abc.duration"        = "teal"
"abc.bar"             = "quiet"
"abc.ornament"        = "yellow"
"abc.chord"           = "green"
"abc.lyric"           = "cream"
"abc.comment"         = "quiet"
"abc.error"           = { fg = "orange", attr = ["underline"] }
"abc.warning"         = { fg = "yellow", attr = ["underline"] }
"abc.playing"         = { attr = ["reverse"] }
"abc.head"            = { fg = "yellow", attr = ["bold"] }
"abc.ghost"           = { fg = "quiet", attr = ["dim"] }
"lane"                = "quiet"
"lane.bits"           = "orange"
"lane.temperature"    = "yellow"
"lane.copy"           = "red"
"take"                = "quiet"
"take.kept"           = { fg = "text", attr = ["bold"] }
"take.current"        = { fg = "accent", attr = ["bold"] }
"take.locked"         = { fg = "text", attr = ["underline"] }
"next"                = "text"
"next.bar"            = "accent"

[light.style]
"ui.status.gen.run"   = { fg = "ink", bg = ["#875f00", 94, "red"], attr = ["bold"] }
"ui.status.gen.pause" = { fg = "text", bg = ["#d7d7d7", 188, "white"] }
"ui.status.play"      = { fg = "ink", bg = ["#005f00", 22, "black"], attr = ["bold"] }
"ui.status.mode"      = { fg = "text", bg = ["#ffffff", 231, "white"], attr = ["bold"] }
"ui.status.gen.fail"  = { fg = "ink", bg = ["#af0000", 124, "red"], attr = ["bold"] }
"ui.message.error"    = { fg = ["#af0000", 124, "red"], attr = ["bold"] }
"roll.key.white"      = { fg = "text", bg = ["#ffffff", 231, "white"] }
"roll.key.black"      = { fg = "ink", bg = "text" }
"abc.ornament"        = "paste"
"abc.chord"           = "accent"
"abc.accidental"      = "orange"

[dark.ramp]
surprise    = ["blue", "teal", "cream", ["#ffaf00", 214, "light-yellow"], "red"]
heat        = ["bg", "yellow"]
pitch_class = ["red", "pink", "orange", "cream", "yellow", "lime", "green", "teal", "sky", "blue", "violet", "white"]

[light.ramp]
surprise    = [["#5f7fa8", 61, "gray"], ["#005fd7", 26, "blue"], ["#5f00af", 55, "magenta"], ["#d7005f", 161, "red"], ["#5f0000", 52, "black"]]
pitch_class = ["red", "pink", "paste", "cream", "orange", "lime", "green", "teal", "sky", "blue", "violet", "white"]
heat        = ["bg", "paste"]

[mono]      # without colours: attributes only
"ui.status"           = ["reverse"]
"ui.status.gen.run"   = ["reverse", "bold"]
"ui.status.gen.fail"  = ["reverse", "bold", "underline"]
"ui.status.mode"      = ["bold"]
"ui.help"             = []
"ui.help.key"         = ["bold"]
"ui.popup.border"     = []
"ui.popup.key"        = ["bold"]
"ui.popup.selected"   = ["reverse"]
"ui.selection"        = ["reverse"]
"ui.message.error"    = ["bold"]
"ui.title.focus"      = ["bold"]
"roll.note.playing"   = ["reverse"]
"roll.note.model"     = []
"roll.note.hand"      = ["bold"]
"roll.note.paste"     = ["underline"]
"roll.note.file"      = ["dim"]
"roll.note.shelf"     = ["bold", "underline"]
"roll.note.voice.1"   = []
"roll.note.voice.2"   = ["bold"]
"roll.note.voice.3"   = ["underline"]
"roll.note.voice.4"   = ["dim"]
"roll.note.voice.5"   = ["bold", "underline"]
"roll.note.voice.6"   = ["dim", "underline"]
"roll.note.cursor"    = ["underline"]
"roll.key.white"      = ["reverse"]
"roll.key.black"      = []
"abc.playing"         = ["reverse"]
"abc.error"           = ["bold", "underline"]
"abc.warning"         = ["underline"]
"take.current"        = ["bold"]

"""#
