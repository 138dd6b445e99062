"""The messages that the helper process for workbooks writes. Each is a letter, the length of its body in four bytes
(big-endian), and the body.

- ``S``: the sheet, once, when its first rows are read. JSON ``[kind, name, [all names]]``
- ``B``: a block of CSV
- ``P``: progress, another MiB was unpacked or written. Empty
- ``D``: done, the last message. Empty
- ``F``: a failure that no retry helps, the last message. JSON ``[reason, sentence, details]``
- ``T``: the file could not be opened, the last message. A sentence in UTF-8
"""

import struct

HEAD = struct.Struct(">cI")
"""The letter, and the length of the body."""
