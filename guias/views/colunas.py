"""The columns of the sheet of receitas: those in use, those asked for, and the one being included."""

import re
from dataclasses import dataclass, replace
from datetime import date

from django.http import HttpRequest, QueryDict

from comum.documentos import Invalido
from comum.formatos import parse_percentual
from empresas.calendario import somar_meses
from empresas.models import Empresa, Municipio
from guias.calculo import ajustes
from guias.calculo.ajustes import Ajuste, Especie
from guias.calculo.atividades import ATIVIDADES, NOMES_CURTOS
from guias.calculo.tributos import Tributo
from guias.models import COM_OUTRA_UF, COM_OUTRO_MUNICIPIO, COM_TRATAMENTO, Receita, Tratamento
from guias.services.colunas import Coluna, problema_do_ajuste

MAXIMO_DE_COLUNAS = 12


@dataclass
class ColunaNaTela:
    coluna: Coluna
    nome: str
    municipio: Municipio | None = None

    @property
    def chave(self) -> str:
        return self.coluna.chave

    @property
    def curta(self) -> str:
        return NOMES_CURTOS[self.coluna.atividade]

    @property
    def curto(self) -> str:
        tratamento = str(Tratamento(self.coluna.tratamento).label) if self.coluna.tratamento else ""
        uf = f"ICMS de {self.coluna.uf}" if self.coluna.uf else ""
        return " · ".join(filter(None, [tratamento, str(self.municipio or ""), uf, self.coluna.dito_do_ajuste]))


def colunas_da_pagina(request: HttpRequest, pagina: list[Empresa], competencia: date) -> list[ColunaNaTela]:
    """What the URL asks for, or what these establishments used this month and the one before."""
    pedidas = [c for chave in request.GET.get("colunas", "").split(",") if (c := Coluna.ler(chave)) is not None]
    if nova := _coluna_nova(request.GET):
        pedidas.append(nova)
    usadas = {
        Coluna.de(receita)
        for receita in Receita.objects.filter(
            empresa__in=pagina, competencia__in=(competencia, somar_meses(competencia, -1))
        )
    }
    tira = Coluna.ler(request.GET.get("tirar", ""))
    escolhidas = pedidas if request.GET.get("colunas") is not None else sorted(usadas) or [Coluna(1), Coluna(13)]
    unicas = list(dict.fromkeys(c for c in [*escolhidas, *pedidas] if c != tira))[:MAXIMO_DE_COLUNAS]
    municipios = Municipio.objects.in_bulk([c.municipio for c in unicas if c.municipio])
    return [
        ColunaNaTela(c, ATIVIDADES[c.atividade].nome, municipios.get(c.municipio))
        for c in unicas
        if not c.municipio or c.municipio in municipios
    ]


def _coluna_nova(params: QueryDict) -> Coluna | None:
    """From the "add a column" form: the activity with the treatment or the município it needs, or its state."""
    atividade = params.get("nova", "")
    partes = [atividade]
    if atividade.isdecimal() and int(atividade) in COM_TRATAMENTO:
        partes.append(params.get("tratamento") or Tratamento.ST)
    if atividade.isdecimal() and int(atividade) in COM_OUTRO_MUNICIPIO:
        partes.append(params.get("municipio", ""))
    if atividade.isdecimal() and int(atividade) in COM_OUTRA_UF and params.get("uf_icms"):
        partes.append(params.get("uf_icms", ""))
    coluna = Coluna.ler(".".join(partes))
    return coluna if coluna is None or not params.get("especie") else Coluna.ler(f"{coluna.chave}.{_ajuste(params)}")


def _ajuste(params: QueryDict) -> str:
    """The key of the adjustment chosen in the same form; of one that is not whole, a key that names none."""
    especie = params.get("especie", "")
    percentual = parse_percentual(params.get("percentual", "") or "0")
    if especie not in list(Especie) or isinstance(percentual, Invalido):
        return "-"
    return Ajuste(
        Especie(especie),
        frozenset(Tributo(nome) for nome in params.getlist("tributos") if nome in list(Tributo)),
        percentual if Especie(especie).reduz else None,
        re.sub(r"\D", "", params.get("processo", "")) if especie == Especie.SUSPENSAO else "",
    ).chave


def problema_da_nova(params: QueryDict) -> str:
    """Why the column asked for is not there (pt-BR), empty when it is or none was."""
    if not params.get("nova") or _coluna_nova(params) is not None:
        return ""
    sem_ajuste = params.copy()
    sem_ajuste.pop("especie", None)
    coluna = _coluna_nova(sem_ajuste)
    if coluna is None:
        return "A coluna não foi incluída: esta atividade pede o município do ISS. Escolha-o e inclua de novo."
    chave = _ajuste(params)
    lido = ajustes.ler(chave)
    if lido is not None:
        return f"A coluna não foi incluída. {problema_do_ajuste(replace(coluna, ajuste=chave))}"
    return (
        "A coluna não foi incluída: o ajuste pede os tributos; a redução, também o percentual; a exigibilidade "
        "suspensa, o número do processo."
    )
