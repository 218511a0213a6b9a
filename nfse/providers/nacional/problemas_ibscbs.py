"""What is wrong with what is declared for IBS and CBS."""

import re
from collections.abc import Iterator
from datetime import date

from nfse.providers.interface import Problema
from nfse.providers.nacional import presencas, problemas_papeis
from nfse.providers.nacional.identificadores import PADRAO_DA_CHAVE
from nfse.providers.nacional.presencas import Presenca
from nfse.providers.nacional.problemas_pessoas import falta, pessoa
from nfse.providers.nacional.valores import DetalhesIbsCbs, Dps

_DE_IMOVEL = frozenset({"020101", "020201", "020301"})
_POR_DOMICILIO = "100301"


def deve_e_nao_diz(dps: Dps, tracos: frozenset[str], quando: date) -> bool:
    """Whether the law asks for IBS/CBS and the note leaves without it: a warning, since the Sefin takes it."""
    return dps.emissao.ibs_cbs is None and presencas.linha("IBSCBS", tracos, quando).presenca is Presenca.DEVIDA


def ibscbs(dps: Dps, tracos: frozenset[str], quando: date) -> Iterator[Problema]:
    codigos, linha = dps.emissao.ibs_cbs, presencas.linha("IBSCBS", tracos, quando)
    if linha.presenca is Presenca.PROIBIDA:
        return  # withheld
    if codigos is None:
        if linha.presenca is Presenca.OBRIGATORIA:
            yield falta("ibs_cbs", "Falta a classificação de IBS e CBS. Informe-a no cadastro do serviço.")
        yield from problemas_papeis.sem_ibs_cbs(dps)
        return
    for campo, texto, tamanho, nome in (
        ("codigo_fornecimento", codigos.codigo_fornecimento, 6, "O indicador da operação (cIndOp)"),
        ("situacao_tributaria", codigos.situacao_tributaria, 3, "A situação tributária (CST) de IBS e CBS"),
        ("classificacao_tributaria", codigos.classificacao_tributaria, 6, "A classificação tributária (cClassTrib)"),
    ):
        if not re.fullmatch(rf"[0-9]{{{tamanho}}}", texto):
            yield falta(f"ibs_cbs.{campo}", f"{nome} tem {tamanho} números. Informe-o com quem cuida dos tributos.")
    if codigos.classificacao_tributaria[:3] != codigos.situacao_tributaria:
        yield falta(
            "ibs_cbs.classificacao_tributaria",
            "Os três primeiros números da classificação tributária são os da situação tributária (CST). Confira os "
            "dois.",
            "E0959",
        )
    if not dps.emissao.itens[0].nbs:
        yield falta("itens.0.nbs", "A nota com IBS e CBS precisa do código NBS. Informe-o no serviço.", "E0322")
    if codigos.codigo_fornecimento == _POR_DOMICILIO and dps.emissao.tomador.endereco is None:
        yield falta("tomador.endereco", "Esta operação é tributada onde mora o tomador: informe o endereço dele.")
    yield from _detalhes(codigos.codigo_fornecimento, codigos.tipo_destinatario, dps.detalhes_ibs_cbs)
    yield from problemas_papeis.reembolsos(dps)


def _detalhes(operacao: str, tipo_destinatario: str, detalhes: DetalhesIbsCbs | None) -> Iterator[Problema]:
    mais = detalhes or DetalhesIbsCbs()
    outro = tipo_destinatario == "1"
    if outro != (mais.destinatario is not None):
        yield falta(
            "detalhes_ibs_cbs.destinatario",
            "Informe quem é o destinatário do serviço."
            if outro
            else "O destinatário é o próprio tomador: apague os dados do outro.",
        )
    if mais.destinatario is not None:
        yield from pessoa("detalhes_ibs_cbs.destinatario", "do destinatário", mais.destinatario)
    if (operacao in _DE_IMOVEL) != (mais.imovel is not None):
        yield falta(
            "detalhes_ibs_cbs.imovel",
            "Esta operação é com imóvel: informe o CIB ou o endereço dele."
            if mais.imovel is None
            else "Esta operação não é com imóvel: apague os dados dele.",
        )
    if (mais.tipo_operacao in ("2", "3")) != bool(mais.referidas):
        yield falta(
            "detalhes_ibs_cbs.referidas",
            "As notas referidas vão com o tipo de operação 2 ou 3, e só com eles. Confira os dois campos.",
        )
    if len(mais.referidas) > 99 or not all(PADRAO_DA_CHAVE.fullmatch(chave) for chave in mais.referidas):
        yield falta("detalhes_ibs_cbs.referidas", "São até 99 chaves de NFS-e nacional, de 50 posições. Confira-as.")
