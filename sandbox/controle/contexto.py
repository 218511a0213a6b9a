from django.http import HttpRequest

_MENU = (
    ("inicio", "Início"),
    ("cenarios", "Cenários"),
    ("documentos", "Documentos de teste"),
    ("livro", "Ledger"),
    ("chamadas", "Chamadas"),
    ("sisgenfe", "SISGENF-e"),
    ("integranotas", "Integra Notas"),
    ("nacional", "NFS-e Nacional"),
    ("totvs", "TOTVS Datasul"),
)


def menu(request: HttpRequest) -> dict[str, object]:
    return {"menu": _MENU}
