"""A note as the service takes it: v1 for municipal layouts, v2 for the national one. Pure functions.

What is not used is left out (never empty, never zero); amounts are text with two decimals, rates with two to four.
Lengths are those that integrators keep, since the service publishes none per town: what does not fit is refused here,
field by field, before anything is sent.
"""

from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from comum.documentos import algarismos
from nfse.providers.integranotas.envelope import chave_para_rota
from nfse.providers.integranotas.erros import NOME, com_pontos
from nfse.providers.integranotas.faltas import falta_da_unidade, faltas, faltas_do_motivo, tamanhos
from nfse.providers.integranotas.transporte import CORPO_MAXIMO
from nfse.providers.integranotas.valores import com_valor, reais, sem_marcas, taxa
from nfse.providers.interface import DadosInvalidos, Emissao, Endereco, IbsCbs, Item, Obra, Pessoa, Problema, Retencoes
from operacoes.wire import encode_json

_BRASILIA = ZoneInfo("America/Sao_Paulo")


def corpo_emissao(nota: Emissao, versao: int) -> dict[str, Any]:
    """The body of create and preview. Raises DadosInvalidos with everything that does not fit, and ValueError for an
    amount with fractions of a cent, an instant without its zone or a version that does not exist."""
    corpo, problemas = _montar(nota, versao)
    if problemas:
        raise DadosInvalidos(NOME, problemas)
    return corpo


def corpo_substituicao(nota: Emissao, versao: int, *, chave: str, codigo: str, motivo: str) -> dict[str, Any]:
    """The body of substitute: the new note and which old one goes away. Raises as corpo_emissao."""
    corpo, problemas = _montar(nota, versao)
    problemas += faltas_do_motivo(codigo, motivo)
    if problemas:
        raise DadosInvalidos(NOME, problemas)
    return {
        **corpo,
        "chave": chave_para_rota(chave),
        "codigo_cancelamento": codigo.strip(),
        "motivo_cancelamento": motivo.strip(),
    }


def corpo_cancelamento(chave: str, codigo: str, motivo: str) -> dict[str, Any]:
    """The body of cancel. The text goes under both names that the vendor's libraries use."""
    if problemas := faltas_do_motivo(codigo, motivo):
        raise DadosInvalidos(NOME, problemas)
    return {
        "chave": chave_para_rota(chave),
        "codigo_cancelamento": codigo.strip(),
        "motivo_cancelamento": motivo.strip(),
        "justificativa": motivo.strip(),
    }


def problemas(nota: Emissao, versao: int) -> tuple[Problema, ...]:
    """What keeps a note from being sent, all of it; nothing is sent to know."""
    corpo, achados = _montar(nota, versao)
    if (tamanho := len(encode_json(corpo))) > CORPO_MAXIMO:
        texto = f"O pedido tem {com_pontos(tamanho)} bytes, e o limite é {com_pontos(CORPO_MAXIMO)}: diminua os textos"
        achados.append(Problema("servico.itens", texto))
    return tuple(achados)


def _montar(nota: Emissao, versao: int) -> tuple[dict[str, Any], list[Problema]]:
    if versao not in (1, 2):
        raise ValueError(f"version {versao} of the API is not known")
    servico = _servico_v1(nota) if versao == 1 else _servico_v2(nota)
    corpo = _raiz(nota, versao) | {"servico": servico}
    return corpo, [*faltas(nota, versao), *tamanhos(corpo)]


# -- parts of both versions ----------------------------------------------------------------------------------
def _raiz(nota: Emissao, versao: int) -> dict[str, Any]:
    return com_valor(
        numero="" if nota.numero is None else str(nota.numero),
        serie=nota.serie.strip(),
        tipo="1",
        status="1",
        data_emissao=_data_hora(nota.emissao),
        data_competencia=_competencia(nota),
        tomador=_tomador(nota.tomador, versao),
        intermediario=_intermediario(nota.intermediario),
        obra=_obra(nota.obra),
        regime_tributacao=nota.regime_tributacao,
        regime_apuracao=nota.regime_apuracao,
        tipo_emitente="1" if versao == 2 else "",  # the provider of the service issues
        natureza_operacao=nota.natureza,
        incentivo_fiscal=nota.incentivo_fiscal,
        informacoes_complementares=nota.observacao.strip(),
    )


def _data_hora(instante: datetime) -> str:
    if instante.tzinfo is None:
        raise ValueError("an instant without its zone")
    return instante.astimezone(_BRASILIA).isoformat(timespec="seconds")


def _competencia(nota: Emissao) -> str:
    """Only when it is another month than that of the issue."""
    emitida = nota.emissao.astimezone(_BRASILIA)
    if (emitida.year, emitida.month) == (nota.competencia.year, nota.competencia.month):
        return ""
    return datetime.combine(nota.competencia, time(), _BRASILIA).isoformat(timespec="seconds")


def _tomador(pessoa: Pessoa, versao: int) -> dict[str, Any]:
    endereco = pessoa.endereco
    return _documento(pessoa) | com_valor(
        razao_social=pessoa.nome.strip(),
        im=pessoa.inscricao_municipal.strip(),
        email=pessoa.email.strip(),
        telefone=algarismos(pessoa.telefone),
        tipo_destinatario="0" if versao == 2 and (endereco is None or endereco.pais == "BR") else "",
        endereco=_endereco(endereco),
    )


def _documento(pessoa: Pessoa) -> dict[str, str]:
    """Under `cpf` or `cnpj`, unmasked; a CNPJ keeps its letters."""
    documento = sem_marcas(pessoa.documento)
    return {"cpf" if len(documento) == 11 else "cnpj": documento} if documento else {}


def _endereco(endereco: Endereco | None) -> dict[str, Any]:
    if endereco is None:
        return {}
    return com_valor(
        logradouro=endereco.logradouro.strip(),
        numero=endereco.numero.strip(),
        complemento=endereco.complemento.strip(),
        bairro=endereco.bairro.strip(),
        codigo_municipio=endereco.municipio,
        nome_municipio=endereco.cidade.strip(),
        uf=endereco.uf.strip(),
        cep=algarismos(endereco.cep),
    )


def _intermediario(pessoa: Pessoa | None) -> dict[str, Any]:
    if pessoa is None:
        return {}
    return _documento(pessoa) | com_valor(im=pessoa.inscricao_municipal.strip(), razao_social=pessoa.nome.strip())


def _obra(obra: Obra | None) -> dict[str, Any]:
    return com_valor(codigo=obra.codigo.strip(), art=obra.art.strip()) if obra else {}


def _ibs_cbs(ibs_cbs: IbsCbs | None) -> dict[str, Any]:
    if ibs_cbs is None:
        return {}
    return com_valor(
        consumidor_final=ibs_cbs.consumidor_final,
        codigo_fornecimento=ibs_cbs.codigo_fornecimento,
        tipo_destinatario=ibs_cbs.tipo_destinatario,
        situacao_tributaria=ibs_cbs.situacao_tributaria,
        classificacao_tributaria=ibs_cbs.classificacao_tributaria,
    )


def _retencoes(retencoes: Retencoes) -> dict[str, Any]:
    return com_valor(
        valor_pis=reais(retencoes.pis),
        valor_cofins=reais(retencoes.cofins),
        valor_inss=reais(retencoes.inss),
        valor_ir=reais(retencoes.ir),
        valor_csll=reais(retencoes.csll),
        valor_outras=reais(sum((valor for _, valor in retencoes.outras), Decimal(0))),
    )


# -- v1 ------------------------------------------------------------------------------------------------------
def _servico_v1(nota: Emissao) -> dict[str, Any]:
    return com_valor(
        codigo_municipio=nota.municipio_incidencia,
        codigo_municipio_prestacao=nota.municipio_prestacao,
        iss_retido=nota.iss_retido,
        itens=[_item_v1(item, nota.exigibilidade) for item in nota.itens],
        ibs_cbs=_ibs_cbs(nota.ibs_cbs),
    )


def _item_v1(item: Item, exigibilidade: str) -> dict[str, Any]:
    """`codigo` is the town's spelling of the LC 116 item where the caller knows it, else the law's."""
    return _retencoes(item.retencoes) | com_valor(
        codigo=item.codigo.strip() or item.lc116.strip(),
        codigo_tributacao_municipio=item.codigo_municipal.strip(),
        discriminacao=item.descricao.strip(),
        valor_servicos=reais(item.valor),
        valor_aliquota=taxa(item.aliquota),
        valor_iss=reais(item.iss),
        valor_base_calculo=reais(item.base),
        valor_deducoes=reais(item.deducao),
        valor_desconto_incondicionado=reais(item.desconto),
        codigo_cnae=algarismos(item.cnae),
        codigo_nbs=algarismos(item.nbs),
        exigibilidade_iss=exigibilidade,
        **_unidade(item),
    )


def _unidade(item: Item) -> dict[str, Any]:
    """Only where the unit is named; a number that cannot be written is among what is looked at before sending."""
    if not item.unidade.strip() or falta_da_unidade(item):
        return {}
    return {
        "unidade_nome": item.unidade.strip(),
        "unidade_quantidade": taxa(item.quantidade),
        "unidade_valor": reais(item.valor_unitario),
    }


# -- v2 ------------------------------------------------------------------------------------------------------
def _servico_v2(nota: Emissao) -> dict[str, Any]:
    """One block, of the first item: that there is only one is among the things looked at before sending."""
    if not nota.itens:
        return {}
    item, carga = nota.itens[0], nota.carga_municipal
    return com_valor(
        codigo=item.codigo.strip(),
        codigo_tributacao_municipio=item.codigo_municipal.strip(),
        codigo_nbs=algarismos(item.nbs),
        discriminacao=item.descricao.strip(),
        valor_servicos=reais(item.valor),
        valor_desconto_incondicionado=reais(item.desconto),
        endereco_local_prestacao=com_valor(
            codigo_municipio=nota.municipio_incidencia, codigo_municipio_prestacao=nota.municipio_prestacao
        ),
        tributos_municipais=com_valor(
            iss_retido=nota.iss_retido,
            tipo_operacao=nota.exigibilidade,
            responsavel_retencao=nota.responsavel_retencao,
            valor_base_calculo_iss=reais(item.base),
            aliquota_iss=taxa(item.aliquota),
            valor_iss=reais(item.iss),
        ),
        tributos_nacionais=_retencoes(item.retencoes),
        tributos_totais=com_valor(
            percentual_tributos_municipais=taxa(carga.percentual), valor_tributos_municipais=reais(carga.valor)
        )
        if carga
        else {},
        ibs_cbs=_ibs_cbs(nota.ibs_cbs),
    )
