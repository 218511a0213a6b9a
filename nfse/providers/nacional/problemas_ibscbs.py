"""What is wrong with what is declared for IBS and CBS."""

import re
from collections.abc import Iterator
from datetime import date

from nfse.providers.interface import ZERO, Problema
from nfse.providers.nacional import presencas, problemas_papeis
from nfse.providers.nacional.identificadores import PADRAO_DA_CHAVE
from nfse.providers.nacional.presencas import Presenca
from nfse.providers.nacional.problemas_grupos import endereco_do_lugar
from nfse.providers.nacional.problemas_pessoas import falta, pessoa
from nfse.providers.nacional.valores import MAXIMO_DE_REFERIDAS, DetalhesIbsCbs, Dps, Imovel

_DE_IMOVEL = frozenset({"020101", "020201", "020301"})
_POR_DOMICILIO = "100301"
_NOME_DO_DESTINATARIO = 150


def deve_e_nao_diz(dps: Dps, tracos: frozenset[str], quando: date) -> bool:
    """Whether the law asks for IBS/CBS and the note leaves without it: a warning, since the Sefin takes it."""
    return dps.emissao.ibs_cbs is None and presencas.linha("IBSCBS", tracos, quando).presenca is Presenca.DEVIDA


def ibscbs(dps: Dps, tracos: frozenset[str], quando: date) -> Iterator[Problema]:
    codigos, linha = dps.emissao.ibs_cbs, presencas.linha("IBSCBS", tracos, quando)
    if linha.presenca is Presenca.PROIBIDA:
        yield from problemas_papeis.com_ibs_cbs_proibidos(dps)
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
    mais = dps.detalhes_ibs_cbs or DetalhesIbsCbs()
    yield from _destinatario(dps, codigos.tipo_destinatario, mais)
    yield from _imovel(codigos.codigo_fornecimento, mais.imovel)
    yield from _da_operacao(mais)
    yield from _da_situacao(mais)
    yield from problemas_papeis.reembolsos(dps)


def _destinatario(dps: Dps, tipo_destinatario: str, mais: DetalhesIbsCbs) -> Iterator[Problema]:
    outro = tipo_destinatario == "1"
    if outro != (mais.destinatario is not None):
        yield falta(
            "detalhes_ibs_cbs.destinatario",
            "Informe quem é o destinatário do serviço."
            if outro
            else "O destinatário é o próprio tomador: apague os dados do outro.",
        )
    if mais.destinatario is None:
        return
    yield from pessoa("detalhes_ibs_cbs.destinatario", "do destinatário", mais.destinatario)
    if len(mais.destinatario.nome) > _NOME_DO_DESTINATARIO:
        yield falta(
            "detalhes_ibs_cbs.destinatario.nome",
            f"O nome do destinatário passa de {_NOME_DO_DESTINATARIO} caracteres. Encurte-o no cadastro.",
        )
    if mais.destinatario.documento and mais.destinatario.documento == dps.emissao.tomador.documento:
        yield falta(
            "detalhes_ibs_cbs.destinatario",
            "O destinatário é o próprio tomador. Deixe-o em branco, ou escolha quem de fato recebe o serviço.",
        )


def _imovel(operacao: str, imovel: Imovel | None) -> Iterator[Problema]:
    if operacao in _DE_IMOVEL and imovel is None:
        yield falta("detalhes_ibs_cbs.imovel", "Esta operação é com imóvel: informe o CIB ou o endereço dele.")
    if imovel is None:
        return
    if operacao not in _DE_IMOVEL:
        yield falta("detalhes_ibs_cbs.imovel", "Esta operação não é com imóvel: apague os dados dele.")
        return
    if imovel.cib and imovel.endereco is not None:
        yield falta("detalhes_ibs_cbs.imovel", "O imóvel vai pelo CIB ou pelo endereço, não pelos dois. Apague um.")
    elif not imovel.cib and imovel.endereco is None:
        yield falta("detalhes_ibs_cbs.imovel", "Com a inscrição imobiliária vai o CIB ou o endereço. Informe um.")
    if imovel.cib and len(imovel.cib) != 8:
        yield falta("detalhes_ibs_cbs.imovel.cib", "O CIB tem 8 caracteres. Confira-o no cadastro imobiliário.")
    if len(imovel.inscricao_imobiliaria) > 30:
        yield falta(
            "detalhes_ibs_cbs.imovel.inscricao_imobiliaria",
            "A inscrição imobiliária do imóvel tem até 30 caracteres. Confira.",
        )
    if imovel.endereco is not None:
        yield from endereco_do_lugar("detalhes_ibs_cbs.imovel.endereco", "do imóvel", imovel.endereco)


def _da_operacao(mais: DetalhesIbsCbs) -> Iterator[Problema]:
    for campo, texto, aceitos, o_que in (
        ("tipo_operacao", mais.tipo_operacao, "12345", "O tipo de operação"),
        ("ente_governamental", mais.ente_governamental, "1234", "O ente governamental"),
    ):
        if texto and (len(texto) != 1 or texto not in aceitos):
            yield falta(f"detalhes_ibs_cbs.{campo}", f"{o_que} não existe no layout nacional. Escolha outro.")
    if (mais.tipo_operacao in ("2", "3")) != bool(mais.referidas):
        yield falta(
            "detalhes_ibs_cbs.referidas",
            "As notas referidas vão com o tipo de operação 2 ou 3, e só com eles. Confira os dois campos.",
        )
    if len(mais.referidas) > MAXIMO_DE_REFERIDAS or not all(
        PADRAO_DA_CHAVE.fullmatch(chave) for chave in mais.referidas
    ):
        yield falta("detalhes_ibs_cbs.referidas", "São até 99 chaves de NFS-e nacional, de 50 posições. Confira-as.")


def _da_situacao(mais: DetalhesIbsCbs) -> Iterator[Problema]:
    regular = (mais.situacao_regular, mais.classificacao_regular)
    if any(regular):
        for campo, texto, tamanho, nome in (
            ("situacao_regular", regular[0], 3, "O CST da tributação regular"),
            ("classificacao_regular", regular[1], 6, "A classificação da tributação regular"),
        ):
            if not re.fullmatch(rf"[0-9]{{{tamanho}}}", texto):
                yield falta(f"detalhes_ibs_cbs.{campo}", f"{nome} tem {tamanho} números. Informe os dois campos.")
        if all(regular) and regular[1][:3] != regular[0]:
            yield falta(
                "detalhes_ibs_cbs.classificacao_regular",
                "Os três primeiros números da classificação da tributação regular são os do CST dela. Confira os dois.",
            )
    if mais.credito_presumido and not re.fullmatch(r"[0-9]{2}", mais.credito_presumido):
        yield falta("detalhes_ibs_cbs.credito_presumido", "O código do crédito presumido tem 2 números. Confira-o.")
    if mais.diferimento is not None and not all(ZERO <= parte <= 100 for parte in mais.diferimento):
        yield falta("detalhes_ibs_cbs.diferimento", "Os percentuais do diferimento vão de zero a 100 %. Confira-os.")
