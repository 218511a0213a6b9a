"""A body on the screen: one form for its fields, lines for its lists. Read, judged and shown again, nothing lost."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from pagar.forms.campos import DENTRO, Folha, campo_de_form, folhas, listas_de, objetos_de
from pagar.forms.grupos import AJUDAS, COLUNAS, GRUPOS, ROTULOS
from pagar.providers.blocos import Imposto
from pagar.providers.campos import Formato, Lista, Problema, informado

Cru = dict[str, Any]
MAXIMO_DE_LINHAS = 500
_SEM_VALOR = (None, "", False)


class CorpoForm(forms.Form):
    """The fields of one body, or of one line of it."""

    def __init__(self, *args: Any, classe: type, formato: Formato, sem: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.classe = classe
        self.folhas: dict[str, Folha] = {f.nome: f for f in folhas(classe, formato) if f.nome not in sem}
        for nome, folha in self.folhas.items():
            self.fields[nome] = campo_de_form(folha)
            self.fields[nome].label = ROTULOS.get(nome, folha.campo.rotulo)
            self.fields[nome].help_text = AJUDAS.get(nome, "")

    def lido(self) -> Cru:
        """What could be read, as the body takes it; an object inside only where something is said of it."""
        self.is_valid()
        dados: Cru = {}
        for nome, classe in objetos_de(self.classe):
            seus = {f.caminho[1]: self._lido(f) for f in self.folhas.values() if f.caminho[0] == nome}
            dados[nome] = classe(**seus) if any(map(informado, seus.values())) else None
        return dados | {f.nome: self._lido(f) for f in self.folhas.values() if len(f.caminho) == 1}

    def _lido(self, folha: Folha) -> Any:
        """What was not said is a blank text, or what the body has by itself."""
        valor = self.cleaned_data.get(folha.nome)
        if valor is None:
            return "" if isinstance(folha.padrao, str) else folha.padrao
        return valor.replace("\r\n", "\n") if type(valor) is str else valor  # not of a choice

    def marcar(self, nome: str, mensagem: str, um: str = "") -> bool:
        """Put a message at its field, unless it could not even be read; whether there is such a field."""
        if nome and nome not in self.folhas:
            return False
        if not nome or nome not in self.errors:
            self.add_error(nome or None, _no_campo(mensagem, self.folhas[nome].campo.rotulo if nome else "", um))
        return True

    def desenhados(self, nomes: Iterable[str]) -> "list[tuple[BoundField, str, str]]":
        """(field, width, label) of those that this form has."""
        achadas = [self.folhas[nome] for nome in nomes if nome in self.folhas]
        return [(self[folha.nome], folha.largura, folha.campo.rotulo) for folha in achadas]


def _no_campo(mensagem: str, rotulo: str, um: str) -> str:
    """A message as it stands at its own field: without saying again where it is."""
    if um:
        mensagem = re.sub(rf"^{re.escape(um)} \d+: ", "", mensagem, flags=re.IGNORECASE)
    if rotulo:
        mensagem = mensagem.removeprefix(f"{rotulo}: ")
    return mensagem[:1].upper() + mensagem[1:]


class LinhaForm(CorpoForm):
    """One line. `padrao`: what a new one begins with; a line that says no more than that is none."""

    def __init__(self, *args: Any, posicao: int, um: str, padrao: Cru, foco: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posicao, self.um, self.padrao, self.foco = posicao, um, padrao, foco
        for nome, folha in self.folhas.items():
            campo = self.fields[nome]
            campo.label = f"{folha.campo.rotulo}, {um} {posicao + 1}"
            campo.widget.attrs["aria-label"] = campo.label

    @property
    def vazia(self) -> bool:
        for nome in self.folhas:
            valor = self[nome].value()
            if valor not in _SEM_VALOR and valor != self._mostrado(nome):
                return False
        return True

    def _mostrado(self, nome: str) -> Any:
        return self.fields[nome].prepare_value(self.padrao.get(nome))

    @property
    def celulas(self) -> list[tuple[BoundField, str, str]]:
        return self.desenhados(COLUNAS[self.classe])

    @property
    def detalhes(self) -> list[tuple[BoundField, str, str]]:
        return self.desenhados(nome for nome in self.folhas if nome not in COLUNAS[self.classe])

    @property
    def abre_detalhes(self) -> bool:
        return any(
            campo.errors or (campo.value() not in _SEM_VALOR and campo.value() != self._mostrado(campo.name))
            for campo, _, _ in self.detalhes
        )

    @property
    def ditos(self) -> list[str]:
        """Everything wrong with it, for the row below it."""
        return [
            f"{self.folhas[nome].campo.rotulo}: {texto}" if nome in self.folhas else str(texto)
            for nome, textos in self.errors.items()
            for texto in textos
        ]


class Linhas:
    """The lines of one list of a body."""

    def __init__(
        self, nome: str, campo: Lista, classe: type, linhas: Sequence[LinhaForm], prefixo: str, cabeca: CorpoForm
    ) -> None:
        self.nome, self.campo, self.classe, self.forms, self.cabeca = nome, campo, classe, list(linhas), cabeca
        self.acao, self.total_nome = f"{prefixo}{nome}", f"{prefixo}{nome}-total"
        cabeca.fields[nome] = forms.Field(required=False, label=campo.rotulo)  # what is wrong with the list as a whole

    @property
    def id(self) -> str:
        return self.cabeca[self.nome].auto_id

    @property
    def erros(self) -> Sequence[str]:
        return [str(texto) for texto in self.cabeca.errors.get(self.nome, ())]

    @property
    def usadas(self) -> list[LinhaForm]:
        return [form for form in self.forms if not form.vazia]

    @property
    def cabecalho(self) -> list[tuple[BoundField, str, str]]:
        return self.forms[0].celulas if self.forms else []


@dataclass
class GrupoNaTela:
    titulo: str
    campos: list[tuple[BoundField, str, str]]
    aberto: bool


class CorpoDigitado[C]:
    """A body as typed (`dados`), as stored (`inicial`), or as it comes back with its lines changed (`crus`).

    `sem` are fields that are not asked ("antecipacoes.fornecedor" of the lines, or a whole list), `padroes` what a new
    line of each list begins with, `minimas` how many lines a list shows at least.
    """

    def __init__(
        self,
        classe: type[C],
        formato: Formato,
        *,
        dados: QueryDict | None = None,
        inicial: C | None = None,
        crus: Cru | None = None,
        sem: Collection[str] = (),
        prefixo: str = "",
        padroes: Mapping[str, Any] | None = None,
        minimas: Mapping[str, int] | None = None,
    ) -> None:
        self.classe = cast(Any, classe)
        self.formato, self.sem, self.prefixo = formato, frozenset(sem), prefixo
        self.padroes = {nome: iniciais(padrao, formato) for nome, padrao in (padroes or {}).items()}
        self.minimas = minimas or {}
        if crus is None and dados is None:
            crus = self._crus_de(inicial)
        self.form = CorpoForm(
            dados,
            initial=crus["form"] if crus else None,
            classe=classe,
            formato=formato,
            sem=self.sem,
            prefix=prefixo or None,
        )
        self.listas = {
            nome: self._linhas(nome, campo, da_linha, dados, crus)
            for nome, campo, da_linha in listas_de(self.classe)
            if nome not in self.sem and da_linha in COLUNAS
        }

    def _linhas(self, nome: str, campo: Lista, classe: type, dados: QueryDict | None, crus: Cru | None) -> Linhas:
        base = f"{self.prefixo}-" if self.prefixo else ""
        padrao = self.padroes.get(nome, {})
        if dados is not None:
            quantas, valores = _total(dados, f"{base}{nome}"), None
        else:
            valores = list((crus or {}).get(nome, ()))
            valores += [dict(padrao) for _ in range(self.minimas.get(nome, 0) - len(valores))]
            quantas = len(valores)
        sem = {fora.removeprefix(f"{nome}.") for fora in self.sem if fora.startswith(f"{nome}.")}
        feitas = [
            LinhaForm(
                dados,
                initial=valores[numero] if valores is not None else None,
                classe=classe,
                formato=self.formato,
                sem=sem,
                prefix=f"{base}{nome}-{numero}",
                posicao=numero,
                um=campo.um,
                padrao=padrao,
                foco=bool(valores and valores[numero].get("foco")),
            )
            for numero in range(quantas)
        ]
        return Linhas(nome, campo, classe, feitas, base, self.form)

    def _crus_de(self, corpo: C | None) -> Cru:
        corpo = self.classe() if corpo is None else corpo
        crus: Cru = {"form": iniciais(corpo, self.formato)}
        for nome, _, _ in listas_de(self.classe):
            crus[nome] = [iniciais(item, self.formato) for item in getattr(corpo, nome)]
        return crus

    # -- reading ----------------------------------------------------------------------------------------------------

    def todos(self) -> list[forms.Form]:
        """The form and every line that says something."""
        return [self.form, *(form for linhas in self.listas.values() for form in linhas.usadas)]

    def legivel(self) -> bool:
        """Whether everything typed could be read; every part is, so that all is told at once."""
        lidos = [form.is_valid() for form in self.todos()]
        return all(lidos)

    def corpo(self) -> C:
        """What could be read; the rest as if not said."""
        listas = {
            nome: tuple(_completo(linhas.classe(**form.lido())) for form in linhas.usadas)
            for nome, linhas in self.listas.items()
        }
        corpo: C = self.classe(**self.form.lido(), **listas)
        return corpo

    def marcar(self, problemas: Iterable[Problema]) -> None:
        """Put each problem at its field, or on top of the form."""
        for problema in problemas:
            if not self._marcar(problema):
                self.form.add_error(None, problema.mensagem)

    def _marcar(self, problema: Problema) -> bool:
        nome, _, resto = problema.campo.partition(".")
        if nome not in self.listas:
            return self.form.marcar(problema.campo.replace(".", DENTRO), problema.mensagem)
        numero, _, campo = resto.partition(".")
        usadas = self.listas[nome].usadas
        if numero.isdecimal() and int(numero) < len(usadas):
            return usadas[int(numero)].marcar(campo.replace(".", DENTRO), problema.mensagem, self.listas[nome].campo.um)
        self.form.add_error(nome, problema.mensagem.removeprefix(f"{self.listas[nome].campo.rotulo}: "))
        return True

    # -- showing ----------------------------------------------------------------------------------------------------

    @property
    def grupos(self) -> list[GrupoNaTela]:
        """The fields as the screen parts them; open are the first and those that have something to show."""
        padroes = iniciais(self.classe(), self.formato)
        feitos = []
        for titulo, nomes in GRUPOS[self.classe]:
            if campos := self.form.desenhados(nomes):
                aberto = not titulo or any(_fala(campo, self.form, padroes) for campo, _, _ in campos)
                feitos.append(GrupoNaTela(titulo, campos, aberto))
        return feitos

    # -- changing the lines -------------------------------------------------------------------------------------------

    def crus_dos(self, dados: QueryDict) -> Cru:
        """What was typed, as it was typed."""
        crus: Cru = {"form": _digitado(self.form, dados)}
        for nome, linhas in self.listas.items():
            crus[nome] = [_digitado(form, dados) for form in linhas.forms]
        return crus

    def postar(self, dados: QueryDict) -> None:
        """What it shows, as a browser would send it: it can then be summed and judged."""
        postar(dados, self.form, self.form.folhas)
        for linhas in self.listas.values():
            dados[linhas.total_nome] = str(len(linhas.forms))
            for linha in linhas.forms:
                postar(dados, linha, linha.folhas)

    def com_acao(self, crus: Cru, acao: str) -> Cru:
        """With a line more (`incluir-rateio`) or less (`tirar-rateio-2`); the prefix, if any, before the list."""
        verbo, _, resto = acao.partition("-")
        nome, _, numero = resto.removeprefix(self.prefixo and f"{self.prefixo}-").partition("-")
        if nome in self.listas:
            if verbo == "incluir" and len(crus[nome]) < MAXIMO_DE_LINHAS:
                crus[nome].append(self.padroes.get(nome, {}) | {"foco": True})
            elif verbo == "tirar" and numero.isdecimal() and int(numero) < len(crus[nome]):
                crus[nome].pop(int(numero))
        return crus


def iniciais(corpo: Any, formato: Formato) -> Cru:
    """The fields of a stored body, by their names in the form."""
    valores: Cru = {}
    for folha in folhas(type(corpo), formato):
        valor = corpo
        for parte in folha.caminho:
            valor = getattr(valor, parte) if valor is not None else folha.padrao
        valores[folha.nome] = valor
    return valores


def postar(dados: QueryDict, form: forms.Form, nomes: Iterable[str]) -> None:
    """What a form shows, as a browser would send it."""
    for nome in nomes:
        valor = form[nome].value()
        if valor not in _SEM_VALOR:
            dados[form.add_prefix(nome)] = "on" if valor is True else str(valor)


def _completo(item: Any) -> Any:
    """The base of a tax that was left blank is what is left of the income."""
    if not isinstance(item, Imposto) or item.base is not None or item.rendimento is None:
        return item
    deducoes = (item.deducao_inss, item.deducao_dependentes, item.deducao_pensao, item.outras_deducoes)
    base = item.rendimento - sum((valor for valor in deducoes if valor is not None), Decimal(0))
    return replace(item, base=base) if base >= 0 else item


def _fala(campo: BoundField, form: forms.Form, padroes: Cru) -> bool:
    """Whether a field has something that a new form has not."""
    valor = campo.value()
    igual = form.fields[campo.name].prepare_value(padroes.get(campo.name))
    return bool(campo.errors) or (valor not in _SEM_VALOR and str(valor) != str(igual))


def _digitado(form: CorpoForm, dados: QueryDict) -> Cru:
    return {
        nome: bool(dados.get(form.add_prefix(nome)))
        if isinstance(form.fields[nome], forms.BooleanField)
        else dados.get(form.add_prefix(nome), "").replace("\r\n", "\n")
        for nome in form.folhas
    }


def _total(dados: QueryDict, nome: str) -> int:
    pedido = dados.get(f"{nome}-total", "")
    return min(int(pedido), MAXIMO_DE_LINHAS) if pedido.isdecimal() and pedido.isascii() and len(pedido) < 6 else 0
