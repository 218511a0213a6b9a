"""What the sandbox's Receita holds about the demo office: messages, DTE, regimes, DEFIS, processes, vínculos at the
Redesim. Told once; the office asks for it from the screens, as it would."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

from credentials.models import Vinculo
from empresas.models import Empresa, Regime

# (subject, its parameter, body, values, relevant, days ago)
_MENSAGENS: tuple[tuple[str, str, str, list[str], bool, int], ...] = (
    (
        "Intimação nº ++VARIAVEL++",
        "2026/004512",
        "<p>Fica o contribuinte intimado a regularizar, até <b>++1++</b>, as divergências entre o PGDAS-D e as notas "
        "emitidas no período ++2++.</p><p>Débito apurado:</p><table><tr><td>Principal</td><td>++3++</td></tr><tr>"
        "<td>Multa</td><td>++4++</td></tr></table>",
        ["21/12/2026", "03/2026 a 05/2026", "R$ 1.842,10", "R$ 368,42"],
        True,
        3,
    ),
    (
        "Aviso de publicação de edital eletrônico - Edital nº ++VARIAVEL++",
        "001801808",
        "<p>Foi publicado o edital nº ++1++, disponível no sítio da Receita Federal.</p>",
        ["001801808"],
        True,
        9,
    ),
    (
        "Declaração do exercício ++VARIAVEL++ processada",
        "2025",
        "<p>A declaração do exercício ++1++ foi processada.</p><ul><li>Situação: regular</li>"
        "<li>Recibo: ++2++</li></ul>",
        ["2025", "0004512"],
        False,
        40,
    ),
    (
        "Comunicado sobre a Reforma Tributária",
        "",
        "<p>A partir de 01/2027 há destaque de CBS e IBS.</p>",
        [],
        False,
        60,
    ),
)


def completar(empresas: Sequence[Empresa], pedir: Callable[[str, dict[str, Any] | None], bytes]) -> None:
    """Tell the sandbox, unless it was told before. `pedir(path, body)` speaks to its control API."""
    ativas = [empresa for empresa in empresas if empresa.ativa and empresa.matriz_id is None]
    documentos = ",".join(empresa.documento for empresa in ativas[:40])
    if not ativas or json.loads(pedir(f"avisos?documentos={documentos}", None))["mensagens"]:
        return
    do_simples = [empresa for empresa in ativas if empresa.regime == Regime.SIMPLES]
    ano = timezone.localdate().year
    contratantes = dict(Vinculo.objects.values_list("empresa_id", "credencial__contratante"))
    meses = [{"pa": (ano - 1) * 100 + mes, "interno": "1000.00"} for mes in range(1, 13)]
    pedir(
        "cadastro",
        # Those whose DEFIS can be transmitted.
        {"contribuintes": [{"documento": e.documento, "declarados": meses} for e in do_simples[::6]]},
    )
    pedir(
        "avisos",
        {
            "mensagens": [
                {
                    "documento": empresa.documento,
                    "assunto": assunto,
                    "parametro": parametro,
                    "corpo": corpo,
                    "variaveis": valores,
                    "relevante": relevante,
                    "dias": dias + n % 3,
                }
                for n, empresa in enumerate(ativas)
                for m, (assunto, parametro, corpo, valores, relevante, dias) in enumerate(_MENSAGENS)
                if (n + m) % 4 == 0
            ],
            "dte": [
                {"documento": e.documento, "indicador": (2, 0, -1)[n % 3]} for n, e in enumerate(ativas) if n % 4 == 1
            ],
            "regimes": [
                {"documento": e.documento, "ano": ano, "regime": "CAIXA" if n % 5 == 0 else "COMPETENCIA"}
                for n, e in enumerate(do_simples)
            ],
            "defis": [{"documento": e.documento, "ano": ano - 1} for n, e in enumerate(do_simples) if n % 3],
            "processos": [
                {
                    "documento": e.documento,
                    "numero": f"1372{n:09d}2026"[:17],
                    "tipo": "PEDIDO DE RESTITUIÇÃO",
                    "subtipo": "PER/DCOMP",
                    "localizacao": "DRF",
                }
                for n, e in enumerate(ativas)
                if n % 9 == 2
            ],
            "vinculos": [
                {"contador": contratantes[e.pk], "documento": e.documento}
                for n, e in enumerate(ativas)
                if e.pk in contratantes and n % 10
            ],
        },
    )
