"""Rules about the tomador and about the service."""

from collections.abc import Iterator

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.municipios import municipio as municipio_do_ibge
from sandbox.nacional import cadastro
from sandbox.nacional.codigos import Mensagem, sem_numero
from sandbox.nacional.regras.exame import Exame
from sandbox.nacional.servicos import EVENTO, OBRA, TOMADOR

_EXPORTACAO = "3"
_AGUAS_MARITIMAS = "0000000"
_MAIOR_DESCRICAO = 1000


def do_tomador(exame: Exame) -> Iterator[str]:
    dps, documento = exame.dps, exame.tomador
    if dps.tem("toma/CNPJ") and not cnpj_valido(documento):
        yield "E0188"
    elif dps.tem("toma/CPF") and not cpf_valido(documento):
        yield "E0206"
    elif documento and not exame.opcoes["cadastro_aberto"] and cadastro.inscrito(documento) is None:
        yield "E0190" if dps.tem("toma/CNPJ") else "E0207"
    if documento and documento == exame.prestador:
        yield "E0202"
    if dps.texto("toma/cNaoNIF") == "0":
        yield "E0226"
    if exame.retido and not documento:
        yield "E0204"
    if exame.retido and dps.tem("toma/CPF") and not exame.incidencia.retencao_cpf:
        yield "E0667"
    if not dps.tem("toma/end"):
        if dps.tem("toma/CNPJ"):
            yield "E0235"
        if exame.retido:
            yield "E0237"
        if exame.servico is not None and exame.servico.incidencia == TOMADOR:
            yield "E0234"


def do_servico(exame: Exame) -> Iterator[str | Mensagem]:
    dps = exame.dps
    local = dps.texto("serv/locPrest/cLocPrestacao")
    if local and local != _AGUAS_MARITIMAS and municipio_do_ibge(local) is None:
        yield "E0302"
    administra = not exame.incidencia.administra or exame.codigo not in exame.incidencia.servicos_fora
    if exame.servico is None or not administra:
        yield "E0310"
    if len(dps.texto("serv/cServ/xDescServ")) > _MAIOR_DESCRICAO:
        yield sem_numero("A descrição do serviço passa de 1000 caracteres.")
    yield from _codigo_municipal(exame)
    if not dps.tem("serv/cServ/cNBS"):
        if dps.tem("IBSCBS"):
            yield "E0322"
        if exame.tributacao == _EXPORTACAO:
            yield "E0318"
        elif dps.tem("serv/locPrest/cPaisPrestacao"):
            yield "E0320"
    exterior = exame.tributacao == _EXPORTACAO or dps.tem("serv/locPrest/cPaisPrestacao") or dps.tem("toma/end/endExt")
    if dps.tem("serv/comExt") and not exterior:
        yield "E0330"
    if exame.servico is not None:
        yield from _grupos(exame, exame.servico.grupo)


def _codigo_municipal(exame: Exame) -> Iterator[str]:
    informado = exame.dps.texto("serv/cServ/cTribMun")
    aceitos = exame.incidencia.codigos.get(exame.codigo, [])
    if aceitos and informado not in aceitos:
        yield "E0312"
    elif informado and not aceitos:
        yield "E0314"


def _grupos(exame: Exame, exigido: str) -> Iterator[str]:
    for grupo, falta, sobra in ((OBRA, "E0370", "E0372"), (EVENTO, "E0390", "E0392")):
        tem = exame.dps.tem(f"serv/{grupo}")
        if exigido == grupo and not tem:
            yield falta
        elif tem and exigido != grupo:
            yield sobra
