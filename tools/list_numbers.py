"""Items of numbered lists that Markdown shows with another number: the site warns of them, and a test finds them."""

from markdown_it import MarkdownIt

COMMONMARK = MarkdownIt("commonmark").enable("table")


def misnumbered(markdown: str) -> list[tuple[int, int]]:
    """Items of lists whose number is not the one that every reader of Markdown gives them, and that one."""
    found, next_numbers = [], []
    for token in COMMONMARK.parse(markdown):
        if token.type == "ordered_list_open":
            start = token.attrGet("start")
            next_numbers.append(1 if start is None else int(start))
        elif token.type == "ordered_list_close":
            next_numbers.pop()
        elif token.type == "list_item_open" and token.info:
            if int(token.info) != next_numbers[-1]:
                found.append((int(token.info), next_numbers[-1]))
            next_numbers[-1] += 1
    return found
