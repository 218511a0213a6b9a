"""POST /tomador: put a customer in the prestador's register, or write it anew. The document is its key."""

import json
from typing import Any

from sandbox.nucleo import rapido
from sandbox.nucleo.livro import gravacao, registrar
from sandbox.sisgenfe import tabelas
from sandbox.sisgenfe.contexto import Contexto
from sandbox.sisgenfe.erros import Recusa
from sandbox.sisgenfe.formatos import competencia, conferir_cep, conferir_email, em_json, epoca, pessoa_fisica
from sandbox.sisgenfe.leitura import Campos
from sandbox.sisgenfe.models import Tomador
from sandbox.sisgenfe.opcoes import SERVICO

_TEXTOS = ("razaoSocial", "rua", "bairro", "numero")


def achar(contexto: Contexto, documento: str) -> Tomador | None:
    onde = [contexto.ambiente, contexto.prestador.pk, documento]
    return rapido.primeiro(Tomador, "ambiente = %s AND prestador_id = %s AND documento = %s", onde)


def municipio(pedido: Campos, nome: str = "municipio") -> tuple[dict[str, Any], Campos]:
    """The municipality that `{nome: {id}}` names, and the object read. Raises Recusa 404 for an unknown id."""
    campos = pedido.objeto(nome)
    ident = campos.inteiro("id")
    achado = tabelas.municipios().get(ident)
    if achado is None:
        raise Recusa(404, f"Não há município de id {ident}: consulte /municipio/query.", campos.caminho("id"))
    return achado, campos


def gravar(pedido: Campos, contexto: Contexto) -> dict[str, Any]:
    """Create or update. Raises Recusa."""
    documento = contexto.documento(pedido.texto("documento"), "documento")
    existente = achar(contexto, documento)
    falta = "wsIncluirTomador" if existente is None else "wsAlterarTomador"
    if falta not in contexto.permissoes:
        raise Recusa(403, f"O usuário não tem a permissão {falta}.")
    antes = json.loads(existente.corpo)["dadosTomador"] if existente and contexto.opcao("tomador_mescla") else {}
    corpo = _corpo(documento, _dados(pedido, antes), epoca(contexto.agora))
    with gravacao():
        _guardar(contexto, documento, em_json(corpo))
        registrar(
            instante=contexto.agora,
            servico=SERVICO,
            tipo="tomador_gravado",
            contribuinte=contexto.prestador.cnpj,
            pa=competencia(contexto.agora),
            tag=contexto.tag,
            documento=documento,
        )
    return corpo


def _dados(pedido: Campos, antes: dict[str, Any]) -> dict[str, Any]:
    """`dadosTomador`; what a merge leaves out comes from `antes`."""
    campos = pedido.objeto("dadosTomador")
    lidos: dict[str, Any] = {
        nome: campos.texto(nome) if campos.tem(nome) or not antes else antes[nome] for nome in _TEXTOS
    }
    email = campos.texto("email", antes.get("email", ""))
    lidos["email"] = conferir_email(email, campos.caminho("email"))
    if campos.tem("cep") or not antes:
        lidos["cep"] = conferir_cep(campos.texto("cep"), campos.caminho("cep"))
    else:
        lidos["cep"] = antes["cep"]
    if campos.tem("municipio") or not antes:
        lidos["municipio"], do_municipio = municipio(campos)
        pedido.fim(campos, do_municipio)
    else:
        lidos["municipio"] = antes["municipio"]
        pedido.fim(campos)
    return lidos


def _corpo(documento: str, dados: dict[str, Any], data: str) -> dict[str, Any]:
    fisica = pessoa_fisica(documento)
    return {
        "documento": documento,
        "dadosTomador": {
            "email": dados["email"],
            "razaoSocial": dados["razaoSocial"],
            "municipio": dados["municipio"],
            "numero": dados["numero"],
            "contatos": [],
            "rua": dados["rua"],
            "cep": dados["cep"],
            "bairro": dados["bairro"],
            "data": data,
        },
        "isPessoaFisica": fisica,
        "isPessoaFisicaAsString": "Pessoa Física" if fisica else "Pessoa Jurídica",
    }


def _guardar(contexto: Contexto, documento: str, corpo: str) -> None:
    rapido.executar(
        "INSERT INTO sisgenfe_tomador (ambiente, prestador_id, documento, corpo) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (ambiente, prestador_id, documento) DO UPDATE SET corpo = excluded.corpo",
        [contexto.ambiente, contexto.prestador.pk, documento, corpo],
    )
