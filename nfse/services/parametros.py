"""What the municípios set in the national system for one serviço in one month, kept with its age like what they agreed
to (services.convenios): read again when it is old, before a note goes by it. What the notes make of it is in
services.municipais."""

import calendar
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from nfse.models import CanalNfse, ConvenioNacional, Nota, NotaItem, ParametroMunicipal, Servico, TipoCanal
from nfse.providers.nacional.parametros import Aliquota, Parametros, Retencoes
from nfse.services import acesso, convenios
from operacoes import avulsas
from operacoes.errors import ProviderError
from operacoes.http import Chamadas

Tipo = ParametroMunicipal.Tipo
SERVICOS = 10  # of the cadastro, and as many of the drafts, that a canal reads and shows
_CPF = 11


@dataclass(frozen=True)
class Pergunta:
    """One question to a município. `servico` is empty for the withholdings, and the number of a benefício;
    `competencia` the first of its month."""

    municipio: str
    tipo: str
    servico: str
    competencia: date

    @property
    def dia(self) -> date:
        """Of the month, the day that is asked about: that of a note issued today, or the last one."""
        ultimo = self.competencia.replace(day=calendar.monthrange(self.competencia.year, self.competencia.month)[1])
        return min(max(timezone.localdate(), self.competencia), ultimo)


def velho(parametro: ParametroMunicipal) -> bool:
    return parametro.lido_em is None or timezone.now() - parametro.lido_em > convenios.validade()


# -- what is asked -----------------------------------------------------------------------------------------------------


def incidencia_de(nota: Nota) -> str:
    """Where the ISS of a note is due. `nota` with empresa at hand."""
    return nota.municipio_incidencia_id or nota.empresa.municipio_id or nota.municipio_prestacao_id


def da_nota(nota: Nota, itens: Sequence[NotaItem], canal: CanalNfse, ativos: Iterable[str]) -> list[Pergunta]:
    """What decides about this note. `nota` with empresa and tomador at hand; `ativos` are the municípios whose rates
    the national system knows: of the others it has nothing to tell."""
    servico, competencia = itens[0].codigo_nacional if itens else "", nota.competencia
    lugar, proprio = incidencia_de(nota), nota.empresa.municipio_id or ""
    feitas = []
    if servico:
        feitas.append(Pergunta(lugar, Tipo.ALIQUOTA, servico, competencia))
        if canal.regime_tributacao:
            feitas.append(Pergunta(proprio, Tipo.REGIMES, servico, competencia))
    if nota.iss_retido and len(nota.tomador.documento) == _CPF:
        feitas.append(Pergunta(lugar, Tipo.RETENCOES, "", competencia))
    if numero := nota.detalhes.get("beneficio_numero"):
        feitas.append(Pergunta(lugar, Tipo.BENEFICIO, numero, competencia))
    return [pergunta for pergunta in feitas if pergunta.municipio in ativos]


def do_canal(canal: CanalNfse) -> list[Pergunta]:
    """Of the serviços of the cadastro in this month, in the empresa's own município, and of the drafts in theirs."""
    proprio, mes = canal.empresa.municipio_id or "", timezone.localdate().replace(day=1)
    cadastro = Servico.objects.filter(empresa=canal.empresa, ativo=True).exclude(codigo_nacional="")
    codigos = cadastro.order_by("codigo_nacional").values_list("codigo_nacional", flat=True).distinct()[:SERVICOS]
    casos = [(proprio, codigo, mes) for codigo in codigos]
    itens = NotaItem.objects.filter(nota__empresa=canal.empresa, nota__situacao__in=Nota.EDITAVEIS)
    em_preparo = itens.exclude(codigo_nacional="").order_by("-nota__competencia", "codigo_nacional")
    colunas = ("nota__municipio_incidencia", "codigo_nacional", "nota__competencia")
    casos += [(lugar or proprio, *resto) for lugar, *resto in em_preparo.values_list(*colunas).distinct()[:SERVICOS]]
    tipos = [Tipo.ALIQUOTA, Tipo.REGIMES] if canal.regime_tributacao else [Tipo.ALIQUOTA]
    feitas = [Pergunta(lugar, tipo, codigo, quando) for lugar, codigo, quando in casos for tipo in tipos]
    feitas.append(Pergunta(proprio, Tipo.RETENCOES, "", mes))
    com_beneficio = canal.empresa.notas.filter(situacao__in=Nota.EDITAVEIS, detalhes__has_key="beneficio_numero")
    colunas = ("municipio_incidencia", "detalhes__beneficio_numero", "competencia")
    ditos = com_beneficio.order_by("-competencia").values_list(*colunas).distinct()[:SERVICOS]
    feitas += [Pergunta(lugar or proprio, Tipo.BENEFICIO, numero, quando) for lugar, numero, quando in ditos]
    return list(dict.fromkeys(feitas))


def lidos(perguntas: Iterable[Pergunta]) -> dict[Pergunta, ParametroMunicipal]:
    """What is kept of these, in one query."""
    feitas = set(perguntas)
    de_quem = Q(
        municipio__in={feita.municipio for feita in feitas}, competencia__in={feita.competencia for feita in feitas}
    )
    achados = ParametroMunicipal.objects.filter(de_quem).select_related("municipio")
    return {pergunta: um for um in achados if (pergunta := pergunta_de(um)) in feitas}


def pergunta_de(parametro: ParametroMunicipal) -> Pergunta:
    return Pergunta(parametro.municipio_id, parametro.tipo, parametro.servico, parametro.competencia)


def ativos(municipios: Iterable[str]) -> set[str]:
    """Those of which the national system knows the rates."""
    deles = ConvenioNacional.objects.filter(ativo=True, municipio__in=set(municipios))
    return set(deles.values_list("municipio", flat=True))


# -- reading -----------------------------------------------------------------------------------------------------------


def ler(canal: CanalNfse, pergunta: Pergunta, *, prazo: float = convenios.PRAZO) -> ParametroMunicipal:
    """Read it now, with the certificate of this canal. Not inside a transaction. Raises the error family, and then what
    was read before stands."""
    try:
        cliente = acesso.abrir_nacional(canal).cliente
        limites = acesso.limites_do_acesso(canal.acesso, TipoCanal.NACIONAL)
        resposta = avulsas.ler(
            lambda chamadas: _perguntar(cliente.parametros, pergunta, chamadas), limites, prazo=prazo
        )
    except ProviderError as erro:
        _gravar(pergunta, {"falhou_em": timezone.now(), "falha": str(erro)[:300]})
        raise
    return _gravar(pergunta, {"resposta": resposta, "lido_em": timezone.now(), "falhou_em": None, "falha": ""})


def _gravar(pergunta: Pergunta, campos: Mapping[str, Any]) -> ParametroMunicipal:
    feita, _ = ParametroMunicipal.objects.update_or_create(
        municipio_id=pergunta.municipio,
        tipo=pergunta.tipo,
        servico=pergunta.servico,
        competencia=pergunta.competencia,
        defaults=campos,
    )
    return feita


def _perguntar(cliente: Parametros, pergunta: Pergunta, chamadas: Chamadas) -> Any:
    """The answer as `resposta` keeps it: of the rate a list of {"aliquota", "desde", "ate"}, of the regimes
    {regime: situação}, of the withholdings {"artigo_sexto", "municipais"}, of the benefício what came."""
    lugar, servico, dia = pergunta.municipio, pergunta.servico, pergunta.dia
    if pergunta.tipo == Tipo.ALIQUOTA:
        aliquotas = cliente.aliquotas(lugar, servico, dia, chamadas=chamadas)
        return None if aliquotas is None else [_aliquota(uma) for uma in aliquotas]
    if pergunta.tipo == Tipo.REGIMES:
        regimes = cliente.regimes_especiais(lugar, servico, dia, chamadas=chamadas)
        return None if regimes is None else dict(regimes)
    if pergunta.tipo == Tipo.BENEFICIO:
        beneficio = cliente.beneficio(lugar, servico, dia, chamadas=chamadas)
        return None if beneficio is None else dict(beneficio)
    retencoes = cliente.retencoes(lugar, dia, chamadas=chamadas)
    return None if retencoes is None else _retencoes(retencoes)


def _aliquota(uma: Aliquota) -> dict[str, str | None]:
    dias = (dia.isoformat() if dia else None for dia in (uma.desde, uma.ate))
    return {"aliquota": str(uma.percentual), **dict(zip(("desde", "ate"), dias, strict=True))}


def _retencoes(lidas: Retencoes) -> dict[str, Any]:
    return {"artigo_sexto": lidas.artigo_sexto, "municipais": lidas.municipais}


def ler_do_canal(canal: CanalNfse, *, prazo: float = convenios.PRAZO) -> int:
    """Everything that do_canal() names, whatever its age, while there is time; how many. Raises the error family at the
    first that fails."""
    perguntas = do_canal(canal)
    conhecidos = ativos(pergunta.municipio for pergunta in perguntas)
    fim, quantos = time.monotonic() + prazo, 0
    for pergunta in perguntas:
        resta = fim - time.monotonic()
        if resta <= 0:
            break
        if pergunta.municipio in conhecidos:
            ler(canal, pergunta, prazo=resta)
            quantos += 1
    return quantos


def renovar(notas: Sequence[Nota], *, prazo: float = convenios.PRAZO) -> None:
    """Before these notes, as emissao.com_tudo() gives them, are judged: the agreements first, then what the municípios
    set, of what was never read or is old. All of it within `prazo` seconds."""
    fim = time.monotonic() + prazo
    convenios.renovar(notas, prazo=prazo)
    por_empresa = convenios.canais_que_leem(notas)
    if not por_empresa:
        return
    dos_canais = [nota for nota in notas if nota.editavel and nota.empresa_id in por_empresa]
    lugares = {m for nota in dos_canais for m in (incidencia_de(nota), nota.empresa.municipio_id) if m}
    conhecidos = ativos(lugares)
    com: dict[Pergunta, CanalNfse] = {}
    for nota in dos_canais:
        canal = por_empresa[nota.empresa_id]
        for pergunta in da_nota(nota, list(nota.itens.all()), canal, conhecidos):
            com.setdefault(pergunta, canal)
    _ler_os_velhos(com, fim)


def _ler_os_velhos(com: Mapping[Pergunta, CanalNfse], fim: float) -> None:
    servem = {pergunta for pergunta, lido in lidos(com).items() if _serve(lido)}
    for pergunta, canal in com.items():
        resta = fim - time.monotonic()
        if resta <= 0:
            return
        if pergunta in servem:
            continue
        try:
            ler(canal, pergunta, prazo=resta)
        except ProviderError:
            continue  # kept with the reading: the screens tell it


def _serve(parametro: ParametroMunicipal) -> bool:
    """Read lately, or asked for in vain a moment ago."""
    falhou = parametro.falhou_em
    ha_pouco = falhou is not None and timezone.now() - falhou < convenios.DEPOIS_DA_FALHA
    return ha_pouco or not velho(parametro)
