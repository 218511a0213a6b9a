"""The business rules of a DPS. All of one pass are told together."""

from itertools import chain

from sandbox.nacional.codigos import Mensagem, mensagem
from sandbox.nacional.regras import ibscbs, identificacao, papeis, partes, substituicao, tributos, valores
from sandbox.nacional.regras.exame import Exame, Regra

_REGRAS: tuple[Regra, ...] = (
    *(identificacao.da_dps, identificacao.do_municipio, identificacao.do_prestador, identificacao.do_regime),
    substituicao.da_substituicao,
    *(partes.do_tomador, partes.do_servico),
    *(valores.dos_valores, papeis.da_deducao, valores.do_issqn),
    *(tributos.federais, tributos.total, tributos.ibs_cbs, ibscbs.dos_detalhes, papeis.dos_reembolsos),
)


def conferir(exame: Exame) -> list[Mensagem]:
    """What is wrong, each code once, in the order of the layout."""
    achados = dict.fromkeys(chain.from_iterable(regra(exame) for regra in _REGRAS))
    return [achado if isinstance(achado, Mensagem) else mensagem(achado) for achado in achados]
