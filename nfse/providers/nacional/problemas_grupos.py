"""What is wrong with the groups that some services alone have: comércio exterior, obra, evento."""

import re
from collections.abc import Iterator

from nfse.providers.interface import Endereco, Obra, Problema
from nfse.providers.nacional.escrita import restrito
from nfse.providers.nacional.partes import so_algarismos
from nfse.providers.nacional.problemas_pessoas import falta, rua
from nfse.providers.nacional.valores import ComercioExterior, Dps, Evento

_EXPORTACAO = "3"
_ESCOLHAS = (
    ("modo", "1234", "o modo de prestação"),
    ("vinculo", "0123456", "o vínculo entre as partes"),
    ("bens_temporarios", "123", "se há movimentação temporária de bens"),
)


def grupos(dps: Dps, exigido: str | None) -> Iterator[Problema]:
    """`exigido`: the group that the official table asks of the service; None when it is not known."""
    obra, evento = dps.emissao.obra, dps.evento
    yield from _exterior(dps)
    if exigido is not None:
        if exigido == "obra" and not _da_obra(obra):
            yield falta("obra", "Este serviço é de obra: informe o CNO ou CEI, o CIB ou o endereço dela.", "E0370")
        if exigido != "obra" and _da_obra(obra):
            yield falta("obra", "Este serviço não é de obra: apague os dados dela.", "E0372")
        if exigido == "atvEvento" and evento is None:
            yield falta("evento", "Este serviço é de evento: informe o nome, as datas e o local dele.", "E0390")
        if exigido != "atvEvento" and evento is not None:
            yield falta("evento", "Este serviço não é de evento: apague os dados dele.", "E0392")
    if obra is not None:
        yield from _obra(obra)
    if evento is not None:
        yield from _evento(evento)


def _da_obra(obra: Obra | None) -> bool:
    """The ART alone is a paper, and names no site."""
    return obra is not None and bool(obra.codigo or obra.cib or obra.inscricao_imobiliaria or obra.endereco)


def _exterior(dps: Dps) -> Iterator[Problema]:
    comercio, tomador = dps.comercio_exterior, dps.emissao.tomador
    exporta, fora = dps.tributacao == _EXPORTACAO, bool(dps.pais_prestacao)
    if comercio is None:
        if exporta:
            yield falta("comercio_exterior", "Exportação: preencha os dados do comércio exterior.", "E0330")
        elif fora:
            yield falta(
                "comercio_exterior",
                "O serviço foi prestado fora do Brasil: preencha os dados do comércio exterior.",
                "E0330",
            )
    else:
        no_exterior = tomador.endereco is not None and tomador.endereco.pais != "BR"
        if not (exporta or fora or no_exterior):
            yield falta(
                "comercio_exterior",
                "Os dados do comércio exterior só vão com exportação, serviço prestado fora do Brasil ou tomador no "
                "exterior. Apague-os, ou corrija a tributação.",
                "E0330",
            )
        else:
            yield from _comercio(comercio)
    for campo, sigla in (("pais_resultado", dps.pais_resultado), ("pais_prestacao", dps.pais_prestacao)):
        if sigla and not re.fullmatch(r"[A-Z]{2}", sigla):
            yield falta(campo, "O país vai pela sigla de duas letras (US, PT). Escolha-o na lista.")


def _comercio(comercio: ComercioExterior) -> Iterator[Problema]:
    for campo, aceitos, o_que in _ESCOLHAS:
        valor = getattr(comercio, campo)
        if len(valor) != 1 or valor not in aceitos:
            yield falta(f"comercio_exterior.{campo}", f"Comércio exterior: escolha {o_que}.")
    if not re.fullmatch(r"[0-9]{3}", comercio.moeda):
        yield falta(
            "comercio_exterior.moeda",
            "Comércio exterior: informe a moeda pelo código de 3 números do Banco Central (220 é o dólar, 978 o euro).",
        )
    if comercio.valor <= 0:
        yield falta("comercio_exterior.valor", "Comércio exterior: informe o valor do serviço na moeda estrangeira.")
    for campo, o_que, numero, com in (
        ("importacao", "da declaração de importação", comercio.importacao, "2"),
        ("exportacao", "do registro de exportação", comercio.exportacao, "3"),
    ):
        if len(restrito(numero)) > 12:
            yield falta(f"comercio_exterior.{campo}", f"O número {o_que} tem até 12 caracteres. Confira.")
        if comercio.bens_temporarios == com and not numero:
            yield falta(
                f"comercio_exterior.{campo}",
                f"A movimentação de bens é vinculada: informe o número {o_que}.",
            )


def _obra(obra: Obra) -> Iterator[Problema]:
    nomes = [bool(obra.codigo), bool(obra.cib), obra.endereco is not None]
    if sum(nomes) > 1:
        yield falta("obra.codigo", "A obra vai por um só: código (CNO ou CEI), CIB ou endereço. Apague os outros.")
    if not any(nomes) and obra.inscricao_imobiliaria:
        yield falta("obra.codigo", "Com a inscrição imobiliária vai o código, o CIB ou o endereço da obra. Informe um.")
    for campo, texto, maximo, rotulo in (
        ("codigo", obra.codigo, 30, "O código da obra"),
        ("inscricao_imobiliaria", obra.inscricao_imobiliaria, 30, "A inscrição imobiliária da obra"),
    ):
        if len(texto) > maximo:
            yield falta(f"obra.{campo}", f"{rotulo} tem até {maximo} caracteres. Confira.")
    if obra.cib and len(obra.cib) != 8:
        yield falta("obra.cib", "O CIB tem 8 caracteres. Confira-o no cadastro imobiliário.")
    if obra.endereco is not None:
        yield from endereco_do_lugar("obra.endereco", "da obra", obra.endereco)


def _evento(evento: Evento) -> Iterator[Problema]:
    if not restrito(evento.nome):
        yield falta("evento.nome", "Informe o nome do evento.")
    elif len(restrito(evento.nome)) > 255:
        yield falta("evento.nome", "O nome do evento passa de 255 caracteres. Encurte-o.")
    for campo, dia, qual in (("inicio", evento.inicio, "começa"), ("fim", evento.fim, "termina")):
        if dia is None:
            yield falta(f"evento.{campo}", f"Informe o dia em que o evento {qual}.")
    if evento.inicio and evento.fim and evento.fim < evento.inicio:
        yield falta("evento.fim", "O evento termina antes de começar. Confira as duas datas.")
    if len(evento.codigo) > 30:
        yield falta("evento.codigo", "O código do evento tem até 30 caracteres. Confira-o.")
    if evento.codigo and evento.endereco is not None:
        yield falta("evento.codigo", "O evento vai pelo código ou pelo endereço, não pelos dois. Apague um.")
    if evento.endereco is not None:
        yield from endereco_do_lugar("evento.endereco", "do evento", evento.endereco)
    elif not evento.codigo:
        yield falta("evento.endereco", "Informe o código ou o endereço do evento.")


def endereco_do_lugar(campo: str, de_quem: str, onde: Endereco) -> Iterator[Problema]:
    """The address of a site, an event or an imóvel, which has a CEP and no município."""
    if len(so_algarismos(onde.cep)) != 8:
        yield falta(f"{campo}.cep", f"Endereço {de_quem}: o CEP tem 8 números. Informe-o.")
    yield from rua(campo, de_quem, onde)
