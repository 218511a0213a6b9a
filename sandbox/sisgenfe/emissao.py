"""POST /nfs: issue a note. Every call that passes issues one more: the service has no key of ours to know a repeat by.

Sections NFS-e, POST Cadastro, of the documentation, version 1.1.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.nucleo import rapido
from sandbox.nucleo.livro import gravacao, proximo, registrar
from sandbox.sisgenfe import notas, tabelas, tomadores
from sandbox.sisgenfe.contexto import Contexto
from sandbox.sisgenfe.erros import Recusa, invalido
from sandbox.sisgenfe.formatos import (
    competencia,
    data,
    dinheiro,
    em_json,
    epoca,
    numero,
    por_extenso,
)
from sandbox.sisgenfe.leitura import Campos
from sandbox.sisgenfe.models import Nota, Tomador
from sandbox.sisgenfe.opcoes import SERVICO

# LC 116 items whose ISS is due where the service is done: compared as text, or 7.10 would become 7.1.
ITENS_FORA = frozenset({"7.02", "7.04", "7.05", "7.09", "7.10", "7.11", "7.12", "7.16", "7.17", "7.18"})
OBSOLETOS = ("calculaInss", "calculaIrrf")
_NAO_SAO_OUTROS = {"ISS", "ISSQN", "INSS", "IRRF", "IR"}
_ZERO = Decimal(0)
_MAIOR_VALOR = Decimal(10) ** 12
_ALFABETO = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# of the answer's customer: no contacts, no date, and a municipality without its state
_DADOS_DO_TOMADOR = ("razaoSocial", "email", "rua", "cep", "numero", "bairro")


@dataclass(frozen=True)
class Item:
    """One line as it will be answered, and its total."""

    corpo: dict[str, Any]
    total: Decimal


def emitir(pedido: Campos, contexto: Contexto) -> str:
    """The JSON of the note as the service shows it. Raises Recusa."""
    _recusar_obsoletos(pedido, contexto)
    do_tomador = pedido.objeto("tomador")
    documento = contexto.documento(do_tomador.texto("documento"), "tomador.documento")
    municipio, do_municipio = tomadores.municipio(pedido)
    observacao = pedido.texto("observacao", "")
    iss_do_tomador = pedido.booleano("issPagoTomador", padrao=False)
    tributos = _tributos(pedido)
    itens = _itens(pedido, contexto, iss_do_tomador)
    pedido.fim(do_tomador, do_municipio)
    tomador = tomadores.achar(contexto, documento)
    if tomador is None:
        raise invalido("tomador.documento", f"Tomador não cadastrado: {documento}. Cadastre-o antes de emitir a nota.")
    corpo = {
        "valor": numero(valor := sum((item.total for item in itens), _ZERO)),
        "municipio": municipio,
        "aliquotaIssAsString": "0,00",
        "dedMaterialAsString": "0,00",
        "dataEmissaoAsString": data(contexto.agora),
        "listaTributos": tributos,
        "dataEmissao": epoca(contexto.agora),
        "issPagoTomador": iss_do_tomador,
        "tomador": _tomador(tomador),
        "listaItensNotaFiscal": [item.corpo for item in itens],
        "valorAsString": por_extenso(valor),
        "serie": "0",
        "observacao": observacao,
    }
    return notas.mostrar(_gravar(contexto, corpo, valor), contexto, numero=not contexto.opcao("omite_numero"))


def obsoletos(corpo: Any) -> list[str]:
    """The deprecated fields that a request still sends."""
    if not isinstance(corpo, dict):
        return []
    itens = corpo.get("listaItensNotaFiscal")
    objetos = [corpo, *(itens if isinstance(itens, list) else [])]
    return [nome for nome in OBSOLETOS if any(isinstance(objeto, dict) and nome in objeto for objeto in objetos)]


def _recusar_obsoletos(campos: Campos, contexto: Contexto) -> None:
    recusa = contexto.opcao("recusa_obsoletos")
    for nome in OBSOLETOS:
        if campos.tem(nome) and recusa:
            raise invalido(
                campos.caminho(nome),
                f"{campos.caminho(nome)} saiu na versão 1.1: informe o valor exato em inss e irrf de cada item.",
            )


def _tributos(pedido: Campos) -> list[dict[str, Any]]:
    lidos = []
    for campos in pedido.lista("listaTributos"):
        nome, valor = campos.texto("nome"), campos.numero("valor")
        if nome.strip().upper() in _NAO_SAO_OUTROS:
            raise invalido(campos.caminho("nome"), f"{nome} não entra em listaTributos, que é dos outros tributos.")
        _no_minimo(valor, campos, "valor")
        campos.fim()
        lidos.append({"nome": nome, "valor": numero(valor)})
    return lidos


def _no_minimo(valor: Decimal, campos: Campos, nome: str, *, positivo: bool = False) -> None:
    if valor < 0 or (positivo and valor == 0):
        minimo = "maior que zero" if positivo else "zero ou mais"
        raise invalido(campos.caminho(nome), f"{campos.caminho(nome)} deve ser {minimo}.")


def _itens(pedido: Campos, contexto: Contexto, iss_do_tomador: bool) -> list[Item]:
    lista = pedido.lista("listaItensNotaFiscal")
    if not lista:
        raise invalido("listaItensNotaFiscal", "Informe ao menos um item em listaItensNotaFiscal.")
    itens = [_item(campos, contexto, iss_do_tomador) for campos in lista]
    if sum((item.total for item in itens), _ZERO) >= _MAIOR_VALOR:
        raise invalido("listaItensNotaFiscal", "A soma dos itens passa do valor que uma nota aceita.")
    return itens


def _item(campos: Campos, contexto: Contexto, iss_do_tomador: bool) -> Item:
    _recusar_obsoletos(campos, contexto)
    qtd, unitario, inss, irrf = (campos.numero(nome) for nome in ("qtd", "valorUnitario", "inss", "irrf"))
    for nome, valor in (("qtd", qtd), ("valorUnitario", unitario)):
        _no_minimo(valor, campos, nome, positivo=True)
    for nome, valor in (("inss", inss), ("irrf", irrf)):
        _no_minimo(valor, campos, nome)
    unidade, da_unidade = _unidade(campos)
    atividade, aliquota, da_atividade = _atividade(campos, contexto)
    descricao = campos.texto("descricao")
    total = _total(campos, qtd * unitario)
    devido_fora = iss_do_tomador or atividade.lei116 in ITENS_FORA
    iss, deducao = _iss(campos, contexto, devido_fora=devido_fora, aliquota=aliquota, total=qtd * unitario)
    campos.fim(da_unidade, da_atividade)
    corpo = {
        "atividade": atividade.corpo,
        "valorUnitario": numero(unitario),
        "qtd": numero(qtd),
        "deducaoMaterial": numero(deducao),
        "valorTotal": numero(total),
        "iss": numero(iss),
        "inss": numero(inss),
        "irrf": numero(irrf),
        "deducaoMaterialAsString": por_extenso(deducao),
        "unidadeMedida": {"id": unidade},
        "descricao": descricao,
        "qtdAsString": por_extenso(qtd),
        "valorUnitarioAsString": por_extenso(unitario),
        "valorTotalAsString": por_extenso(total),
        "issAsString": por_extenso(iss),
    }
    return Item(corpo, total)


def _total(campos: Campos, exato: Decimal) -> Decimal:
    """qtd x valorUnitario in cents, half up."""
    onde = campos.caminho("valorUnitario")
    if exato >= _MAIOR_VALOR:
        raise invalido(onde, f"{onde} vezes qtd passa do valor que uma nota aceita.")
    total = dinheiro(exato)
    if not total:
        raise invalido(onde, f"{onde} vezes qtd dá zero.")
    return total


def _unidade(campos: Campos) -> tuple[int, Campos]:
    da_unidade = campos.objeto("unidadeMedida")
    ident = da_unidade.inteiro("id")
    if ident not in tabelas.UNIDADES:
        onde = da_unidade.caminho("id")
        raise Recusa(404, f"Não há unidade de medida de id {ident}: consulte /unidade/query.", onde)
    return ident, da_unidade


def _atividade(campos: Campos, contexto: Contexto) -> tuple[tabelas.Atividade, Decimal, Campos]:
    """The activity and the rate of the service for it."""
    da_atividade = campos.objeto("atividade")
    ident, onde = da_atividade.inteiro("id"), da_atividade.caminho("id")
    atividade = tabelas.atividades().get(ident)
    if atividade is None:
        raise Recusa(404, f"Não há atividade de id {ident}: consulte /cnae.", onde)
    if not contexto.tem_atividade(ident):
        raise invalido(onde, f"A atividade {ident} não está atribuída ao prestador: consulte /cnae.")
    return atividade, contexto.aliquota(ident), da_atividade


def _iss(
    campos: Campos, contexto: Contexto, *, devido_fora: bool, aliquota: Decimal, total: Decimal
) -> tuple[Decimal, Decimal]:
    """Rate and material deduction that the note gets: those sent when the ISS is due to another municipality,
    otherwise the service's rate and no deduction, whatever was sent."""
    enviados: Mapping[str, Decimal] = {
        nome: campos.numero(nome) for nome in ("iss", "deducaoMaterial") if campos.tem(nome)
    }
    if not devido_fora:
        if enviados and contexto.opcao("recusa_iss_fora"):
            nome = next(iter(enviados))
            raise invalido(
                campos.caminho(nome),
                f"{campos.caminho(nome)} só se informa quando o ISS é devido a outro município.",
            )
        return aliquota, _ZERO
    if "iss" not in enviados:
        raise invalido(campos.caminho("iss"), f"Informe {campos.caminho('iss')}: o ISS é devido a outro município.")
    iss, deducao = enviados["iss"], enviados.get("deducaoMaterial", _ZERO)
    maximo = Decimal(str(contexto.opcao("iss_maximo")))
    if not 0 <= iss <= maximo:
        raise invalido(campos.caminho("iss"), f"{campos.caminho('iss')} deve estar entre 0 e {maximo} por cento.")
    if not 0 <= deducao <= total:
        raise invalido(
            campos.caminho("deducaoMaterial"),
            f"{campos.caminho('deducaoMaterial')} deve estar entre zero e o valor do item.",
        )
    return iss, deducao


def _tomador(tomador: Tomador) -> dict[str, Any]:
    inteiro = json.loads(tomador.corpo)
    dados = inteiro["dadosTomador"]
    municipio = {nome: dados["municipio"][nome] for nome in ("nome", "codigoCompleto", "codigo", "id")}
    return {
        "dadosTomador": {"municipio": municipio, **{nome: dados[nome] for nome in _DADOS_DO_TOMADOR}},
        "isPessoaFisicaAsString": inteiro["isPessoaFisicaAsString"],
        "documento": inteiro["documento"],
    }


def _gravar(contexto: Contexto, corpo: dict[str, Any], valor: Decimal) -> Nota:
    prestador, agora = contexto.prestador, contexto.agora
    with gravacao():
        sequencia = proximo(f"{SERVICO}/{contexto.ambiente}/{prestador.pk}")
        chave = _chave(f"{contexto.ambiente}/{prestador.cnpj}/{sequencia}", sequencia)
        nota = rapido.inserir(
            Nota(
                ambiente=contexto.ambiente,
                prestador=prestador,
                numero=sequencia,
                chave=chave,
                emitida=agora,
                tomador=corpo["tomador"]["documento"],
                valor=valor,
                observacao=corpo["observacao"],
                corpo=em_json({"numero": sequencia, "key": chave, **corpo}),
            )
        )
        registrar(
            instante=agora,
            servico=SERVICO,
            tipo="nota_emitida",
            contribuinte=prestador.cnpj,
            pa=competencia(agora),
            numero=str(sequencia),
            valor=valor,
            tag=contexto.tag,
            documento=nota.observacao,
        )
    return nota


def _chave(semente: str, sequencia: int) -> str:
    """NFSE, two groups of eleven and one of ten, which counts."""
    sorte = _base36(int.from_bytes(hashlib.sha256(semente.encode()).digest()[:16])).rjust(22, "0")
    return f"NFSE.{sorte[:11]}.{sorte[11:22]}.{_base36(sequencia).rjust(10, '0')}"


def _base36(valor: int) -> str:
    letras = ""
    while valor:
        valor, resto = divmod(valor, 36)
        letras = _ALFABETO[resto] + letras
    return letras
