"""What a person types for a DAS that pays no declaration: one form for each kind."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from comum.documentos import Invalido
from comum.formatos import format_dinheiro, parse_competencia, parse_dinheiro
from comum.models import Usuario
from empresas.models import Empresa, Municipio
from guias.calculo.simples import DAS_MINIMO
from guias.calculo.tributos import POR_CODIGO, Tributo
from guias.forms.datas import ler_dia
from guias.providers.interface import TributoAvulso
from guias.services.especiais import AVULSO, COBRANCA, PROCESSO, Prorrogacao, tributos_em_texto

_ICMS, _ISS = Tributo.ICMS.codigo, Tributo.ISS.codigo
_DIGITOS_DO_PROCESSO = 17


class DasForm(forms.Form):
    """`acao` is the Definicao's name. What the pré-voo takes of it is `parametros`, which carry the form on, too."""

    acao = ""
    empresa = forms.ModelChoiceField(
        Empresa.objects.none(),
        error_messages={
            "required": "Escolha a empresa: digite código, nome ou CNPJ e escolha na lista.",
            "invalid_choice": "Esta empresa não existe para você, ou é filial: o DAS é da matriz. Escolha outra.",
        },
    )
    via_nova = forms.BooleanField(
        label="Emitir outra via, se este DAS já foi emitido",
        required=False,
        help_text="Cada via é outra chamada cobrada.",
    )

    def __init__(self, *args: Any, usuario: Usuario, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campo = self.fields["empresa"]
        assert isinstance(campo, forms.ModelChoiceField)  # noqa: S101 - declared above
        campo.queryset = Empresa.objects.visiveis(usuario).filter(matriz=None)

    @property
    def competencia(self) -> date:
        """The month of the guia; of a process, which may have several, the present one."""
        lida: date = self.cleaned_data.get("periodo") or timezone.localdate().replace(day=1)
        return lida

    @property
    def parametros(self) -> dict[str, str]:
        return {nome: str(valor) for nome, valor in self.data.items() if nome in self.fields and valor}


class _ComPeriodo(DasForm):
    periodo = forms.CharField(
        label="Período de apuração",
        help_text="Mês e ano, como 10/2026.",
        widget=forms.TextInput(attrs={"data-mascara": "competencia"}),
        error_messages={"required": "Informe o período de apuração, como 10/2026."},
    )

    def clean_periodo(self) -> date:
        lido = parse_competencia(self.cleaned_data["periodo"])
        if isinstance(lido, Invalido):
            raise forms.ValidationError(f"{lido} Informe o período como 10/2026.")
        if lido > timezone.localdate():
            raise forms.ValidationError("O período ainda não começou. Informe um período até o mês atual.")
        return lido


class CobrancaForm(_ComPeriodo):
    acao = COBRANCA


class ProcessoForm(DasForm):
    acao = PROCESSO
    processo = forms.CharField(
        label="Número do processo",
        help_text="17 dígitos, como aparece no e-CAC.",
        max_length=30,
        error_messages={"required": "Informe o número do processo, com 17 dígitos."},
    )

    def clean_processo(self) -> str:
        numero = "".join(letra for letra in self.cleaned_data["processo"] if letra in "0123456789")
        if len(numero) != _DIGITOS_DO_PROCESSO:
            raise forms.ValidationError(
                f"O número do processo tem 17 dígitos, e este tem {len(numero)}. Copie-o do e-CAC."
            )
        return numero

    @property
    def parametros(self) -> dict[str, str]:
        return super().parametros | {"processo": self.cleaned_data["processo"]}


class AvulsoForm(_ComPeriodo):
    acao = AVULSO
    pagamento = forms.CharField(
        label="Dia do pagamento",
        required=False,
        help_text="Em branco: até o vencimento; se já venceu, hoje ou o próximo dia útil do mês.",
        widget=forms.TextInput(attrs={"data-mascara": "data"}),
    )
    prorrogacao = forms.TypedChoiceField(
        label="Prorrogação especial",
        required=False,
        coerce=lambda valor: Prorrogacao(int(valor)),
        empty_value=None,
        choices=[("", "Não há"), *Prorrogacao.choices],
        help_text="Só do vencimento prorrogado na pandemia: escolha a quota ou o grupo de tributos.",
        error_messages={"invalid_choice": "Esta prorrogação não existe. Escolha uma da lista."},
    )
    municipio = forms.ModelChoiceField(
        Municipio.objects.all(),
        required=False,
        error_messages={"invalid_choice": "Este município não existe. Escolha um da lista."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for codigo, tributo in POR_CODIGO.items():
            self.fields[f"valor_{codigo}"] = forms.CharField(
                label=tributo.rotulo,
                required=False,
                widget=forms.TextInput(attrs={"data-mascara": "dinheiro", "inputmode": "decimal"}),
            )

    @property
    def dos_tributos(self) -> list[forms.BoundField]:
        return [self[f"valor_{codigo}"] for codigo in POR_CODIGO]

    def clean_pagamento(self) -> date | None:
        texto = self.cleaned_data["pagamento"].strip()
        if not texto:
            return None
        dia = ler_dia(texto)
        if isinstance(dia, Invalido):
            raise forms.ValidationError(str(dia))
        if dia < timezone.localdate():
            raise forms.ValidationError("O dia do pagamento já passou. Informe hoje ou um dia à frente.")
        return dia

    def clean(self) -> None:
        lidos = self._valores()
        municipio = self.cleaned_data.get("municipio") or getattr(self.cleaned_data.get("empresa"), "municipio", None)
        if _ISS in lidos and not (municipio and municipio.codigo_tom):
            self.add_error("municipio", "Escolha o município do ISS: o cadastro da empresa não tem um com código TOM.")
        if _ICMS in lidos and municipio is None:
            self.add_error("municipio", "Escolha o município, que diz a UF do ICMS: o cadastro da empresa não tem.")
        if not lidos and not self.errors:
            self.add_error(f"valor_{next(iter(POR_CODIGO))}", "Informe o valor de ao menos um tributo.")
        self._conferir_prorrogacao(lidos)
        soma = sum(lidos.values(), Decimal(0))
        if lidos and soma < DAS_MINIMO:
            minimo = format_dinheiro(DAS_MINIMO)
            dito = (
                f"A soma é {format_dinheiro(soma)}, e não há DAS abaixo de {minimo}. Junte o valor ao de outro período."
            )
            self.add_error(f"valor_{next(iter(lidos))}", dito)
        self.tributos = [
            TributoAvulso(
                codigo,
                valor,
                municipio.codigo_tom if codigo == _ISS and municipio else "",
                municipio.uf if codigo in (_ICMS, _ISS) and municipio else "",
            )
            for codigo, valor in lidos.items()
        ]

    def _conferir_prorrogacao(self, lidos: dict[str, Decimal]) -> None:
        prorrogacao, periodo = self.cleaned_data.get("prorrogacao"), self.cleaned_data.get("periodo")
        if prorrogacao is None:
            return
        if periodo is not None and not prorrogacao.vale_em(periodo):
            dito = f"{prorrogacao.label}: não vale em {periodo:%m/%Y}. Corrija o período, ou escolha Não há."
            self.add_error("prorrogacao", dito)
        if a_mais := [codigo for codigo in lidos if not prorrogacao.alcanca(codigo)]:
            quais = "só ICMS e ISS" if prorrogacao == Prorrogacao.REGIONAIS else "só os tributos federais"
            self.add_error(f"valor_{a_mais[0]}", f"Nesta prorrogação vão {quais}. Peça este em outro DAS.")

    def _valores(self) -> dict[str, Decimal]:
        lidos: dict[str, Decimal] = {}
        for codigo in POR_CODIGO:
            nome = f"valor_{codigo}"
            texto = self.cleaned_data.get(nome, "").strip()
            if not texto:
                continue
            valor = parse_dinheiro(texto)
            if isinstance(valor, Invalido):
                self.add_error(nome, str(valor))
            elif valor <= 0:
                self.add_error(nome, "Informe um valor maior que zero, ou deixe em branco.")
            else:
                lidos[codigo] = valor
        return lidos

    @property
    def parametros(self) -> dict[str, str]:
        pagamento = self.cleaned_data["pagamento"]
        return super().parametros | {
            "tributos": tributos_em_texto(self.tributos),
            "pagamento": pagamento.isoformat() if pagamento else "",
            "prorrogacao": str(self.cleaned_data["prorrogacao"] or ""),
        }


FORMULARIOS: dict[str, type[DasForm]] = {"cobranca": CobrancaForm, "processo": ProcessoForm, "avulso": AvulsoForm}
