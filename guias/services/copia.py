"""The receitas of the month before, as a beginning for this one."""

from collections.abc import Iterable
from datetime import date

from comum.models import Usuario
from empresas.calendario import somar_meses
from empresas.models import Empresa
from guias.services.receitas import FIXOS, Digitado, Impedimento, estados, gravar


def copiar_do_mes_anterior(
    estabelecimentos: Iterable[Empresa], competencia: date, usuario: Usuario
) -> tuple[int, list[Impedimento]]:
    """Bring the receitas and the fixed amounts of the month before to the establishments that have nothing told yet;
    what was typed is never written over. Payroll and what was accrued are of their own month and are not copied.
    Returns how many changed, or why nothing was written: all or nothing."""
    todos = list(estabelecimentos)
    anteriores = estados(todos, somar_meses(competencia, -1))
    atuais = estados(todos, competencia)
    paradas = {e.matriz_id or e.pk for e in todos if atuais[e.pk].sem_movimento}
    digitados = []
    for empresa in todos:
        antes, agora = anteriores[empresa.pk], atuais[empresa.pk]
        if agora.valores or agora.trava or not antes.valores or (empresa.matriz_id or empresa.pk) in paradas:
            continue
        fixos = {nome: antes.da_empresa[nome] for nome in FIXOS if nome in antes.da_empresa}
        digitados.append(Digitado(empresa, dict(antes.valores), {} if empresa.matriz_id else fixos, base=agora.marca))
    if not digitados:
        return 0, []
    return gravar(digitados, competencia, usuario, origem="cópia do mês anterior")
