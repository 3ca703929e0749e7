"""Export dumps of MediaWiki for the tests, as its exporter writes them."""

import bz2
import html

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="zh">
  <siteinfo><sitename>Wikipedia</sitename><namespaces><namespace key="0" case="first-letter" />
  <namespace key="10" case="first-letter">Template</namespace></namespaces></siteinfo>
"""
TAIL = "</mediawiki>\n"
BODY = "是一座虚构的小城，位于青江下游，居民多以制陶和种茶为生，每年秋天举行灯会。"


def page(title: str, text: str, ns: int = 0, extra: str = "", model: str = "wikitext") -> str:
    """One page with one revision; ``extra`` stands before that."""
    return (
        f"  <page>\n    <title>{html.escape(title)}</title>\n    <ns>{ns}</ns>\n    <id>7</id>\n{extra}"
        f"    <revision>\n      <id>9</id>\n      <model>{model}</model>\n      <format>text/x-wiki</format>\n"
        f'      <text bytes="{len(text)}" xml:space="preserve">{html.escape(text)}</text>\n'
        "      <sha1>x</sha1>\n    </revision>\n  </page>\n"
    )


def dump(count: int) -> bytes:
    """A dump of so many articles, called 甲0城, 甲1城 and so on."""
    articles = [page(f"甲{n}城", f"'''甲{n}城'''{BODY}第{n}句。" * (1 + n % 3)) for n in range(count)]
    return (HEAD + "".join(articles) + TAIL).encode()


def multistream(data: bytes) -> bytes:
    """``data`` as many bz2 streams, one after the other."""
    return b"".join(bz2.compress(data[i : i + 3000]) for i in range(0, len(data), 3000))
