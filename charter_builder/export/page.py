"""A document in one HTML file that any browser opens and prints, and Word too."""

from html import escape

from markdown import markdown

_STYLE = """\
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; color: #1c2126;
  font: 1rem/1.5 Georgia, "Times New Roman", serif; }
h1, h2, h3 { font-family: system-ui, sans-serif; line-height: 1.25; }
h2 { margin-top: 2rem; border-top: 1px solid; padding-top: .75rem; }
h3 { margin-top: 1.75rem; }
blockquote { margin: .5rem 0 .5rem; padding-left: 1rem; border-left: 3px solid #9aa5ad; }
pre { margin: .25rem 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; }
@media print { body { margin: 0; max-width: none; } h2, h3 { break-after: avoid; } }"""


def html_page(title: str, text: str) -> str:
    """Return a document of ours, in Markdown, as one page without anything to fetch.

    The texts people wrote are already escaped in it: they hold no tag.
    """
    # Python-Markdown reads two spaces, not « \\ », as a line that ends here.
    body = markdown(text.replace("\\\n", "  \n"), output_format="html")
    return (
        '<!doctype html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )
