"""What a note makes of what the municípios set (services.parametros): what keeps it from going, what should be known
before, the rate it will have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from comum.formatos import format_data, format_percentual
from empresas.models import Municipio
from nfse.models import CanalNfse, ParametroMunicipal
from nfse.models.exigencias import codigo
from nfse.providers.nacional import presencas
from nfse.providers.nacional.dps import dia_do_servico
from nfse.providers.nacional.valores import Dps
from nfse.services import parametros
from nfse.services.parametros import Pergunta, Tipo

type Lidos = Mapping[Pergunta, ParametroMunicipal]
_PROIBIDO = "2"
_DO_MUNICIPIO = ("E0617", "E0635")  # a rate is withheld because the município tells it
_TOMADOR, _CPF = "2", 11


@dataclass(frozen=True)
class AliquotaDita:
    """The rate, in percent, that a município applies to a serviço, in words; from a reading of how long ago."""

    municipio: Municipio
    servico: str
    competencia: date
    aliquota: str
    lido: ParametroMunicipal

    @property
    def velha(self) -> bool:
        return parametros.velho(self.lido)


def problemas(dps: Dps, competencia: date, lidos: Lidos) -> Iterable[tuple[str, str, str]]:
    """(field of the form, group, message): what the município forbids, as last read. `lidos` of the municípios that are
    active in the national system."""
    servico = dps.emissao.itens[0].codigo if dps.emissao.itens else ""
    sem = lidos.get(Pergunta(dps.emissao.municipio_incidencia, Tipo.ALIQUOTA, servico, competencia))
    if servico and sem is not None and sem.lido_em is not None and sem.resposta is None:
        yield (
            "itens.0.codigo_nacional",
            "nacional-servico-do-municipio",
            f"{sem.municipio} não administra o serviço {servico} na NFS-e Nacional, {_quando(sem)} (E0310). Confira o "
            "código nacional e o município de incidência do ISS. Se o município mudou isso, use Ler de novo no canal.",
        )
    regime = dps.regime_especial
    dele = lidos.get(Pergunta(dps.emitente.municipio, Tipo.REGIMES, servico, competencia))
    if dele is not None and (dele.resposta or {}).get(regime) == _PROIBIDO:
        yield (
            "",
            "nacional-regime-do-municipio",
            f"{dele.municipio} não admite o regime especial deste canal no serviço {servico}, {_quando(dele)} (E0178). "
            "Mude o regime especial no canal. Se o município mudou isso, use Ler de novo no canal.",
        )
    numero = dps.beneficio.numero if dps.beneficio is not None else ""
    dito = lidos.get(Pergunta(dps.emissao.municipio_incidencia, Tipo.BENEFICIO, numero, competencia))
    if numero and dito is not None and dito.lido_em is not None and dito.resposta is None:
        yield (
            "beneficio_numero",
            "nacional-beneficio-do-municipio",
            f"{dito.municipio} não tem o benefício {numero} na NFS-e Nacional, {_quando(dito)} (E0533). Confira o "
            "número com o município. Se ele mudou isso, use Ler de novo no canal.",
        )


def retencao_recusada(dps: Dps, competencia: date, lidos: Lidos) -> ParametroMunicipal | None:
    """The reading by which the Sefin is likely to refuse the withholding of a CPF: the município set none."""
    if dps.retencao != _TOMADOR or dps.emissao.tomador is None or len(dps.emissao.tomador.documento) != _CPF:
        return None
    lido = lidos.get(Pergunta(dps.emissao.municipio_incidencia, Tipo.RETENCOES, "", competencia))
    return lido if lido is not None and (lido.resposta or {}).get("municipais") == 0 else None


def aviso_da_retencao(lido: ParametroMunicipal) -> str:
    return (
        f"O ISS é retido por pessoa física, e {lido.municipio} não tem retenção própria na NFS-e Nacional, "
        f"{_quando(lido)}: a nota pode ser recusada (E0667). Desmarque a retenção, ou confirme com o município."
    )


def aliquota_dita(dps: Dps, competencia: date, lidos: Lidos) -> AliquotaDita | None:
    """The rate that this note will have, when the município tells it and it is known."""
    dia = dia_do_servico(dps)
    if presencas.linha("pAliq", presencas.tracos(dps), dia).codigo not in _DO_MUNICIPIO:
        return None
    servico = dps.emissao.itens[0].codigo
    lido = lidos.get(Pergunta(dps.emissao.municipio_incidencia, Tipo.ALIQUOTA, servico, competencia))
    texto = em_palavras(lido, dia) if lido is not None else ""
    return AliquotaDita(lido.municipio, servico, competencia, texto, lido) if lido is not None and texto else None


def em_palavras(lido: ParametroMunicipal, dia: date) -> str:
    """The rate on a day; two of them when the serviço has several. Empty when none is known."""
    linhas = lido.resposta if lido.tipo == Tipo.ALIQUOTA and lido.resposta else []
    valores = sorted({Decimal(linha["aliquota"]) for linha in linhas if _vale(linha, dia)})
    if not valores:
        return ""
    menor, maior = format_percentual(valores[0]), format_percentual(valores[-1])
    return menor if menor == maior else f"de {menor} a {maior}, pelo código no município"


def _vale(linha: Mapping[str, Any], dia: date) -> bool:
    desde, ate = linha["desde"], linha["ate"]
    return (desde is None or desde <= dia.isoformat()) and (ate is None or dia.isoformat() <= ate)


def _quando(lido: ParametroMunicipal) -> str:
    assert lido.lido_em is not None  # noqa: S101 - there is an answer
    return f"como se leu em {format_data(timezone.localtime(lido.lido_em))}"


# -- the page of a canal -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LinhaDoCanal:
    """One question of a canal and what is known of it, None for nothing yet."""

    municipio: Municipio
    pergunta: Pergunta
    lido: ParametroMunicipal | None
    dito: str

    @property
    def rotulo(self) -> str:
        return Tipo(self.pergunta.tipo).label

    @property
    def velho(self) -> bool:
        return self.lido is not None and self.lido.lido_em is not None and parametros.velho(self.lido)


def linhas_do_canal(canal: CanalNfse) -> list[LinhaDoCanal]:
    """What services.parametros asks for a canal of the national system, of the municípios that are active in it."""
    perguntas = parametros.do_canal(canal)
    ativos = parametros.ativos(pergunta.municipio for pergunta in perguntas)
    lidos = parametros.lidos(perguntas)
    lugares = Municipio.objects.in_bulk(ativos)
    regime = codigo("regime_tributacao", canal.versao_emissao, canal.regime_tributacao)
    return [
        LinhaDoCanal(lugares[um.municipio], um, lidos.get(um), _dito(um, lidos.get(um), regime))
        for um in perguntas
        if um.municipio in lugares
    ]


def _dito(pergunta: Pergunta, lido: ParametroMunicipal | None, regime: str) -> str:
    if lido is None or lido.lido_em is None:
        return "nunca lido"
    if pergunta.tipo == Tipo.ALIQUOTA:
        if lido.resposta is None:
            return "não administra o serviço"
        return em_palavras(lido, pergunta.dia) or "não disse"
    if lido.resposta is None:
        return "nada definido"
    if pergunta.tipo == Tipo.BENEFICIO:
        return "existe" if lido.resposta else "não disse"
    if pergunta.tipo == Tipo.REGIMES:
        situacao = lido.resposta.get(regime, "")
        ditas = {"1": "admite o do canal", _PROIBIDO: "não admite o do canal", "3": "exige o do canal"}
        return ditas.get(situacao, "não disse do regime do canal")
    sexto = {True: "sim", False: "não"}.get(lido.resposta["artigo_sexto"], "não disse")
    quantas = lido.resposta["municipais"]
    proprias = "não disse" if quantas is None else ("nenhuma" if quantas == 0 else str(quantas))
    return f"do artigo 6º da LC 116: {sexto}; próprias: {proprias}"
