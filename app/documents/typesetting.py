"""The program that sets one print: a process of its own, run as a file, that loads Typst alone.

Typst keeps what it computed for later prints, 700 MB after ten of them, and gives it back only when
its process ends. So a print has a process, with a bound on memory and time; standard input tells
what to print as JSON, standard output is the PDF.
"""

import json
import resource
import sys

MOST_BYTES = 1_500_000_000
MOST_SECONDS = 60
"""Of address space, and of processor time: a yearly report takes a tenth."""


def main() -> None:
    told = json.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_AS, (told["most_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (told["most_seconds"],) * 2)
    import typst  # within the bounds

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[told["fonts"]]
    )
    compiler = typst.Compiler(
        told["template"].encode(),
        root=told["fonts"],
        font_paths=fonts,
        sys_inputs={"document": told["document"]},
    )
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=told["timestamp"])
    if not isinstance(made, bytes):
        raise TypeError("a print is one file")
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
