"""A note as an Operacao carries it: the values of the border as JSON, and back. What was approved is what is sent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from nfse.models import CanalNfse, Nota, NotaItem, TipoCanal, Tomador
from nfse.providers.interface import (
    CargaMunicipal,
    Emissao,
    Endereco,
    IbsCbs,
    Item,
    Obra,
    Pessoa,
    Referencia,
    Retencoes,
)
from nfse.services import exigencias
from nfse.services.calculo import Linha, item_sem_zero

Pedido = dict[str, Any]
ZERO = Decimal(0)


def linha_de(item: NotaItem) -> Linha:
    return Linha(
        quantidade=item.quantidade,
        valor_unitario=item.valor_unitario,
        aliquota=item.aliquota,
        deducao=item.deducao,
        desconto=item.desconto,
        pis=item.pis,
        cofins=item.cofins,
        csll=item.csll,
        ir=item.ir,
        inss=item.inss,
    )


def pessoa_de(tomador: Tomador) -> Pessoa:
    municipio = tomador.municipio
    return Pessoa(
        documento=tomador.documento,
        nome=tomador.nome,
        email=tomador.email,
        telefone=tomador.telefone,
        inscricao_municipal=tomador.inscricao_municipal,
        nif=tomador.nif,
        sem_nif=tomador.sem_nif,
        endereco=Endereco(
            logradouro=tomador.logradouro,
            numero=tomador.numero,
            complemento=tomador.complemento,
            bairro=tomador.bairro,
            cep=tomador.codigo_postal if tomador.no_exterior else tomador.cep,
            municipio=municipio.codigo_ibge if municipio else "",
            uf=municipio.uf if municipio else tomador.regiao_exterior,
            cidade=municipio.nome if municipio else tomador.cidade_exterior,
            pais=tomador.pais,
        )
        if tomador.logradouro or municipio or tomador.cidade_exterior
        else None,
    )


def item_de(item: NotaItem, canal: CanalNfse | None) -> Item:
    """A line as the channel names what was done: SISGENF-e by its internal atividade, the national layout by the
    cTribNac, a town's own by the item of LC 116."""
    linha = linha_de(item)
    return Item(
        descricao=item.descricao,
        quantidade=item.quantidade,
        valor_unitario=item.valor_unitario,
        lc116=item_sem_zero(item.item_lc116_id),
        codigo=_codigo(item, canal),
        codigo_municipal=item.codigo_municipal,
        cnae=item.cnae,
        nbs=item.nbs,
        unidade=item.unidade,
        aliquota=item.aliquota,
        deducao=ZERO if item.deducao is None and item.aliquota is not None else item.deducao,
        desconto=item.desconto,
        base=linha.base,
        iss=linha.iss,
        retencoes=Retencoes(pis=item.pis, cofins=item.cofins, csll=item.csll, ir=item.ir, inss=item.inss),
    )


def _codigo(item: NotaItem, canal: CanalNfse | None) -> str:
    if canal is not None and canal.tipo == TipoCanal.SISGENFE:
        return str(item.atividade or "")
    return item.codigo_nacional if canal is not None and canal.versao_emissao == 2 else ""


def emissao_de(nota: Nota, itens: Iterable[NotaItem], canal: CanalNfse | None, *, emissao: datetime) -> Emissao:
    """The note with these lines as its channel takes it. `nota` with tomador and empresa at hand."""
    return Emissao(
        tomador=pessoa_de(nota.tomador),
        itens=tuple(item_de(item, canal) for item in itens),
        competencia=nota.competencia,
        emissao=emissao,
        municipio_prestacao=nota.municipio_prestacao_id,
        iss_retido=nota.iss_retido,
        marca=nota.marca,
        serie=nota.serie,
        numero=nota.numero,
        observacao=nota.observacao,
        desde_numero=canal.ultimo_numero + 1 if canal else 0,
        **exigencias.na_emissao(nota, canal),
    )


def referencia_de(nota: Nota) -> Referencia:
    return Referencia(chave=nota.chave, numero=nota.numero_nfse, serie=nota.serie, rps=nota.numero, marca=nota.marca)


def para_json(valor: Emissao | Pessoa | Referencia) -> Pedido:
    """Decimals and dates as text; empty fields stay, so that the pedido tells all of what was approved."""
    return dict(_simples(asdict(valor)))


def _simples(valor: Any) -> Any:
    match valor:
        case Decimal():
            return str(valor)
        case datetime() | date():
            return valor.isoformat()
        case dict():
            return {nome: _simples(item) for nome, item in valor.items()}
        case list() | tuple():
            return [_simples(item) for item in valor]
    return valor


def emissao_do_pedido(dados: Mapping[str, Any]) -> Emissao:
    """The Emissao of a pedido's `emissao`; one of the first release has `simples` too, which no service reads."""
    campos = {nome: valor for nome, valor in dados.items() if nome not in ("tomador", "itens", "simples")}
    campos["competencia"] = date.fromisoformat(campos["competencia"])
    campos["emissao"] = datetime.fromisoformat(campos["emissao"])
    for nome, ler in _OPCIONAIS.items():
        campos[nome] = ler(campos[nome]) if campos.get(nome) else None
    return Emissao(
        tomador=pessoa_do_pedido(dados["tomador"]),
        itens=tuple(_item(item) for item in dados["itens"]),
        **campos,
    )


def pessoa_do_pedido(dados: Mapping[str, Any]) -> Pessoa:
    campos = dict(dados)
    return Pessoa(**campos | {"endereco": _endereco(campos["endereco"])})


def _endereco(dados: Mapping[str, Any] | None) -> Endereco | None:
    return Endereco(**dados) if dados else None


def _carga(dados: Mapping[str, Any]) -> CargaMunicipal:
    return CargaMunicipal(**{nome: None if valor is None else Decimal(valor) for nome, valor in dados.items()})


_OPCIONAIS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "intermediario": pessoa_do_pedido,
    "obra": lambda dados: Obra(**{**dados, "endereco": _endereco(dados.get("endereco"))}),
    "ibs_cbs": lambda dados: IbsCbs(**dados),
    "carga_municipal": _carga,
}


def _item(dados: Mapping[str, Any]) -> Item:
    retencoes = dados["retencoes"]
    campos = {nome: valor for nome, valor in dados.items() if nome != "retencoes"}
    for nome in ("quantidade", "valor_unitario", "aliquota", "deducao", "desconto", "base", "iss"):
        campos[nome] = None if campos[nome] is None else Decimal(campos[nome])
    valores = {nome: Decimal(valor) for nome, valor in retencoes.items() if nome != "outras"}
    outras = tuple((nome, Decimal(valor)) for nome, valor in retencoes["outras"])
    return Item(**campos, retencoes=Retencoes(**valores, outras=outras))


def referencia_do_pedido(dados: Mapping[str, Any]) -> Referencia:
    return Referencia(**dados)
