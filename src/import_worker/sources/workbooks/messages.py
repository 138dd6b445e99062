"""What the helper process for workbooks writes: messages, each a letter, the length of its body in four bytes
(big-endian) and the body.

- ``S`` the sheet, once, when its first rows are there: JSON ``[kind, name, [all names]]``
- ``B`` a block of CSV
- ``P`` empty: another MiB was unpacked or written
- ``D`` empty: that was all, the last message
- ``F`` failed for good, the last message: JSON ``[reason, sentence, details]``
- ``T`` the file could not be opened, the last message: a sentence in UTF-8
"""

import struct

HEAD = struct.Struct(">cI")
"""The letter, and the length of the body."""
