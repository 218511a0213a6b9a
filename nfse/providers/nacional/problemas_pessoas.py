"""What is wrong with who takes part in a declaration: emitente, tomador, intermediário, destinatário."""

import re
from collections.abc import Iterator

from comum.documentos import Invalido, documento
from nfse.providers.interface import Endereco, Pessoa, Problema
from nfse.providers.nacional.escrita import restrito
from nfse.providers.nacional.partes import so_algarismos
from nfse.providers.nacional.valores import Dps

_NOME_MAXIMO = 300


def falta(campo: str, mensagem: str, codigo: str = "") -> Problema:
    return Problema(campo, f"{mensagem} ({codigo})" if codigo else mensagem)


def pessoas(dps: Dps) -> Iterator[Problema]:
    emitente, emissao = dps.emitente, dps.emissao
    lido = documento(emitente.documento)
    if isinstance(lido, Invalido):
        yield falta("emitente.documento", f"Emitente: {lido}", "E0096" if len(emitente.documento) == 11 else "E0080")
    elif lido != emitente.documento:
        yield falta("emitente.documento", "O documento do emitente vai sem máscara, em maiúsculas. Acerte o cadastro.")
    yield from _contato("emitente", "do emitente", emitente.telefone, emitente.email)
    if len(emitente.inscricao_municipal) > 15:
        yield falta("emitente.inscricao_municipal", "A inscrição municipal tem até 15 caracteres. Acerte o cadastro.")
    yield from _tomador(dps)
    if emissao.intermediario is not None:
        yield from pessoa("intermediario", "do intermediário", emissao.intermediario)
        if emissao.intermediario.documento and emissao.intermediario.documento == emitente.documento:
            yield falta("intermediario.documento", "O intermediário não pode ser quem emite a nota. Confira.", "E0202")


def _tomador(dps: Dps) -> Iterator[Problema]:
    tomador = dps.emissao.tomador
    identificado = bool(tomador.documento or tomador.nif or tomador.sem_nif)
    if identificado:
        yield from pessoa("tomador", "do tomador", tomador)
        if _sem_marcas(tomador.documento) == dps.emitente.documento:
            yield falta("tomador.documento", "O tomador não pode ser quem emite a nota. Confira o documento.", "E0202")
    elif dps.retencao == "2":
        yield falta("tomador.documento", "Quem retém o ISS precisa estar identificado. Informe o tomador.", "E0204")
    elif tomador.nome.strip():
        yield falta(
            "tomador.documento",
            "O tomador está sem documento, e a NFS-e nacional só leva quem tem CPF, CNPJ, o número fiscal no exterior "
            "ou o motivo de não ter nenhum. Informe-o, ou emita sem tomador.",
        )
    if dps.retencao == "3" and dps.emissao.intermediario is None:
        yield falta("intermediario", "O ISS é retido pelo intermediário, que falta na nota. Informe-o.", "E0204")
    if tomador.endereco is None:
        if len(_sem_marcas(tomador.documento)) == 14:
            yield falta(
                "tomador.endereco", "Tomador com CNPJ precisa de endereço. Complete o cadastro do tomador.", "E0235"
            )
        elif dps.retencao == "2":
            yield falta("tomador.endereco", "Quem retém o ISS precisa de endereço. Complete o cadastro.", "E0237")


def pessoa(campo: str, de_quem: str, quem: Pessoa) -> Iterator[Problema]:
    if quem.documento:
        lido = documento(quem.documento)
        if isinstance(lido, Invalido):
            codigo = "E0206" if len(_sem_marcas(quem.documento)) == 11 else "E0188"
            yield falta(f"{campo}.documento", f"Documento {de_quem}: {lido}", codigo)
    elif not quem.nif and quem.sem_nif not in ("1", "2"):
        yield falta(
            f"{campo}.nif",
            f"Falta o documento {de_quem}: CPF, CNPJ, o número fiscal no exterior, ou por que não tem nenhum (1 "
            "dispensado, 2 não exigido pelo país).",
            "E0226",
        )
    if not quem.nome.strip():
        yield falta(f"{campo}.nome", f"Falta o nome {de_quem}. Complete o cadastro.")
    elif len(quem.nome) > _NOME_MAXIMO:
        yield falta(f"{campo}.nome", f"O nome {de_quem} passa de {_NOME_MAXIMO} caracteres. Encurte-o.")
    yield from _contato(campo, de_quem, quem.telefone, quem.email)
    if quem.endereco is not None:
        yield from endereco(f"{campo}.endereco", de_quem, quem.endereco)


_RUA = (
    ("logradouro", "logradouro", 255, True),
    ("numero", "número (use S/N quando não há)", 60, True),
    ("complemento", "complemento", 156, False),
    ("bairro", "bairro", 60, True),
)


def rua(campo: str, de_quem: str, onde: Endereco) -> Iterator[Problema]:
    for nome, rotulo, maximo, exigido in _RUA:
        texto = restrito(getattr(onde, nome))
        if exigido and not texto:
            yield falta(f"{campo}.{nome}", f"Endereço {de_quem}: falta o {rotulo}. Complete o cadastro.")
        elif len(texto) > maximo:
            yield falta(f"{campo}.{nome}", f"Endereço {de_quem}: o {rotulo} passa de {maximo} caracteres. Encurte-o.")


def endereco(campo: str, de_quem: str, onde: Endereco) -> Iterator[Problema]:
    yield from rua(campo, de_quem, onde)
    if onde.pais == "BR":
        if len(so_algarismos(onde.cep)) != 8:
            yield falta(f"{campo}.cep", f"Endereço {de_quem}: o CEP tem 8 números. Confira-o.", "E0240")
        if not re.fullmatch(r"[0-9]{7}", onde.municipio):
            yield falta(f"{campo}.municipio", f"Endereço {de_quem}: escolha o município.")
        return
    if not re.fullmatch(r"[A-Z]{2}", onde.pais):
        yield falta(f"{campo}.pais", f"Endereço {de_quem}: o país vai pela sigla de duas letras (US, PT).")
    for nome, texto, rotulo, maximo in (
        ("cep", onde.cep, "código postal", 11),
        ("cidade", onde.cidade, "cidade", 60),
        ("uf", onde.uf, "estado, província ou região", 60),
    ):
        if not 1 <= len(texto.strip()) <= maximo:
            yield falta(f"{campo}.{nome}", f"Endereço {de_quem}: {rotulo} vai com 1 a {maximo} caracteres. Complete.")


def _contato(campo: str, de_quem: str, telefone: str, email: str) -> Iterator[Problema]:
    numeros = so_algarismos(telefone)
    if telefone.strip() and not 6 <= len(numeros) <= 20:
        yield falta(f"{campo}.telefone", f"O telefone {de_quem} tem de 6 a 20 números. Confira-o.", "E0148")
    if len(restrito(email)) > 80:
        yield falta(f"{campo}.email", f"O e-mail {de_quem} passa de 80 caracteres. Use outro.", "E0148")


def _sem_marcas(numero: str) -> str:
    return "".join(letra for letra in numero if letra not in "./- ").upper()
