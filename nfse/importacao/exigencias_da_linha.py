"""What a line of notas says beyond the common: on top of what its serviço gives, as far as its channel takes it."""

from dataclasses import replace
from typing import Any

from nfse.importacao.celulas_notas import Celulas
from nfse.importacao.colunas_notas import DAS_EXIGENCIAS, DOS_DETALHES
from nfse.models import CanalNfse, Servico, Tomador
from nfse.models.detalhes import Detalhes
from nfse.services.exigencias import POR_CHAVE, Exigencias, campos_do_canal, do_servico


def exigencias_da_linha(
    celulas: Celulas, servico: Servico | None, canal: CanalNfse | None, destinatario: Tomador | None
) -> Exigencias:
    """Refuses a cell that the channel has no field for: it would be stored and never sent. Without a channel, all of it
    is kept."""
    if canal is not None:
        aceitos = campos_do_canal(canal)
        for coluna in (*DAS_EXIGENCIAS, *DOS_DETALHES):
            if coluna in celulas.lidas and coluna not in aceitos:
                celulas.recusar(coluna, f"O {canal.get_tipo_display()} não leva esta coluna. Apague a célula.")
    modelo = do_servico(servico)
    detalhes = Detalhes.do_json(modelo.detalhes)
    ditos = _ditos(celulas, DOS_DETALHES)
    if ditos:
        detalhes = replace(detalhes, **ditos)
    de_quem = destinatario.pk if destinatario else None
    ditas = _ditos(celulas, tuple(coluna for coluna in DAS_EXIGENCIAS if coluna not in POR_CHAVE))
    return replace(modelo, **ditas, destinatario_id=de_quem, detalhes=detalhes.para_json())


def _ditos(celulas: Celulas, colunas: tuple[str, ...]) -> dict[str, Any]:
    return {coluna: celulas.lidas[coluna] for coluna in colunas if coluna in celulas.lidas}
