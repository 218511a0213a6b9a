from django.http import HttpRequest

_MENU = (
    ("inicio", "Início"),
    ("cenarios", "Cenários"),
    ("documentos", "Documentos de teste"),
    ("livro", "Ledger"),
    ("chamadas", "Chamadas"),
    ("integranotas", "Integra Notas"),
)


def menu(request: HttpRequest) -> dict[str, object]:
    return {"menu": _MENU}
