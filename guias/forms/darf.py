"""One DARF as a person types it: its receita says which fields there are."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from comum.documentos import Invalido, cnpj
from comum.formularios import DataField, DinheiroField
from comum.models import Usuario
from empresas.models import Empresa
from guias.models import Darf
from guias.providers.sicalc import Extensao, Receita
from guias.services import darfs, periodos
from guias.services.acrescimos import Estimativa, estimar, selic
from guias.services.dia_de_pagar import sem_banco
from guias.services.receitas_federais import conhecidas, extensao_de, tributos

COTAS = [("", "sem quota"), *((str(n), f"{n}ª quota") for n in range(1, 9))]
_SIM_NAO = [("", "escolha"), ("S", "Sim"), ("N", "Não")]


def ler_codigo(texto: str) -> tuple[str, str]:
    """(code, extension) of "8109-02", "8109"; both empty for anything else."""
    achado = re.fullmatch(r"\s*(\d{4})(?:\s*[-/.]?\s*(\d{2}))?\s*", texto)
    return (achado[1], achado[2] or "") if achado else ("", "")


class DarfForm(forms.Form):
    """`receita` carries code and extension, as the look-up gives them. A field that the receita does not have is not on
    screen, and what it held is left out. `complemento` is asked for when there is already an equal DARF."""

    empresa = forms.ModelChoiceField(
        queryset=Empresa.objects.none(),
        label="Empresa",
        widget=forms.HiddenInput,
        error_messages={
            "required": "Escolha a empresa (F2).",
            "invalid_choice": "Empresa não encontrada. Escolha na lista (F2).",
        },
    )
    receita = forms.CharField(
        label="Receita",
        widget=forms.HiddenInput,
        error_messages={"required": "Escolha a receita: procure pelo código ou por palavras (F2)."},
    )
    extensao = forms.ChoiceField(label="Extensão", required=False)
    periodo = forms.CharField(label="Período de apuração")
    valor = DinheiroField(label="Valor do principal", error_messages={"required": "Informe o valor do principal."})
    vencimento = DataField(
        label="Vencimento",
        error_messages={"required": "Informe o vencimento: a Receita calcula os acréscimos por ele."},
    )
    consolidacao = DataField(label="Pagar em", error_messages={"required": "Informe o dia em que será pago."})
    referencia = forms.CharField(label="Número de referência", required=False)
    cota = forms.ChoiceField(label="Quota", choices=COTAS, required=False)
    multa = DinheiroField(label="Multa", required=False)
    juros = DinheiroField(label="Juros", required=False)
    ganho_capital = forms.ChoiceField(label="Ganho de capital", choices=_SIM_NAO, required=False)
    alienacao = DataField(label="Data da alienação", required=False)
    cno = forms.CharField(label="CNO", required=False)
    cnpj_prestador = forms.CharField(label="CNPJ do prestador", required=False)
    observacao = forms.CharField(label="Observação", required=False, max_length=100)
    so_barras = forms.BooleanField(label="Só o código de barras, sem PDF", required=False)
    complemento = forms.CharField(label="Este DARF é", required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, usuario: Usuario, darf: Darf | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usuario, self.darf = usuario, darf
        self.fields["empresa"].queryset = Empresa.objects.visiveis(usuario)  # type: ignore[attr-defined]
        self.codigo, do_codigo = ler_codigo(str(self["receita"].value() or ""))
        self.receita_lida: Receita | None = conhecidas([self.codigo]).get(self.codigo) if self.codigo else None
        escolhas = [(e.codigo, f"{e.codigo} {e.descricao}"[:90]) for e in self.extensoes]
        self.fields["extensao"].choices = escolhas  # type: ignore[attr-defined]
        pedida = str(self["extensao"].value() or "")
        self.pedida = pedida if pedida in dict(escolhas) else do_codigo
        if self.pedida and not self.is_bound:
            self.initial["extensao"] = self.pedida
        self.fields["extensao"].required = len(escolhas) > 1
        self.fields["extensao"].error_messages["required"] = "Escolha a extensão da receita."
        extensao = self.extensao_lida
        self.fields["valor"].required = extensao is None or not extensao.veda_valor
        if forma := self.forma:  # the field and what is said of it have the word of the kind of period
            self.fields["periodo"].label = self.tipo_dito
            self.fields["periodo"].error_messages["required"] = f"Falta informar, como {forma.exemplo}."
        if extensao is None:  # these fields are not on the screen yet
            for campo in ("periodo", "valor", "vencimento", "consolidacao"):
                self.fields[campo].required = False
        for campo, (_, rotulo) in darfs.CONDICIONAIS.items():
            exigido = extensao is not None and darfs.exigencia(extensao, campo) == "obrigatorio"
            self.fields[campo].required = exigido
            self.fields[campo].error_messages["required"] = f"A receita {self.codigo} pede {rotulo}. Informe."

    @property
    def extensoes(self) -> tuple[Extensao, ...]:
        return self.receita_lida.extensoes if self.receita_lida else ()

    @property
    def extensao_lida(self) -> Extensao | None:
        if self.receita_lida is None:
            return None
        achada = extensao_de(self.receita_lida, self.pedida)
        return achada or (self.extensoes[0] if self.extensoes and not self.is_bound else None)

    @property
    def empresa_lida(self) -> Empresa | None:
        valor = str(self["empresa"].value() or "")
        if not valor.isdecimal() or len(valor) > 18:
            return None
        return Empresa.objects.visiveis(self.usuario).select_related("municipio").filter(pk=valor).first()

    @property
    def forma(self) -> periodos.Forma | None:
        extensao = self.extensao_lida
        return periodos.FORMAS.get(periodos.Tipo(extensao.tipo_pa)) if extensao and extensao.tipo_pa else None

    @property
    def tipo_dito(self) -> str:
        extensao = self.extensao_lida
        return str(periodos.Tipo(extensao.tipo_pa).label) if extensao and extensao.tipo_pa else ""

    @property
    def condicionais(self) -> list[tuple[forms.BoundField, bool]]:
        """The fields that this receita has beside those of every DARF, each with whether it is required."""
        extensao = self.extensao_lida
        if extensao is None:
            return []
        exigidos = {campo: darfs.exigencia(extensao, campo) for campo in darfs.CONDICIONAIS}
        return [(self[campo], dito == "obrigatorio") for campo, dito in exigidos.items() if dito != "vedado"]

    @property
    def periodo_lido(self) -> periodos.Periodo | None:
        extensao = self.extensao_lida
        lido = periodos.ler(extensao.tipo_pa, str(self["periodo"].value() or "")) if extensao else None
        return lido if isinstance(lido, periodos.Periodo) else None

    def vencimento_proposto(self) -> date | None:
        lido = self.periodo_lido
        if lido is None:
            return None
        return periodos.Vencimentos().propor(self.codigo, tributos([self.codigo]).get(self.codigo, ""), lido)

    def estimativa(self) -> Estimativa | None:
        """Ours, of what is typed so far; None while something is missing, or where the amounts are told by hand."""
        extensao = self.extensao_lida
        if extensao is None or extensao.manual:
            return None
        lidos = [self._lido("valor"), self._lido("vencimento"), self._lido("consolidacao")]
        if any(lido is None for lido in lidos):
            return None
        valor, vencimento, pagamento = lidos
        return estimar(valor, vencimento, pagamento, selic())

    def sem_banco(self) -> str:
        """What the day typed means where no bank works on it (pt-BR); empty otherwise."""
        if self.extensao_lida is None:
            return ""
        dia, vencimento = self._lido("consolidacao"), self._lido("vencimento")
        return sem_banco(dia, vencimento, timezone.localdate()) if dia and vencimento else ""

    def _lido(self, nome: str) -> Any:
        try:
            return self.fields[nome].clean(self[nome].value())
        except forms.ValidationError:
            return None

    def clean_cnpj_prestador(self) -> str:
        texto = self.cleaned_data["cnpj_prestador"].strip()
        lido = cnpj(texto) if texto else ""
        if isinstance(lido, Invalido):
            raise forms.ValidationError(lido.mensagem)
        return lido

    def clean_referencia(self) -> str:
        return self._so_numeros("referencia", 17, "O número de referência tem até 17 algarismos.")

    def clean_cno(self) -> str:
        texto = self._so_numeros("cno", 12, "O CNO tem 12 algarismos.")
        if texto and len(texto) != 12:
            raise forms.ValidationError("O CNO tem 12 algarismos. Confira.")
        return texto

    def _so_numeros(self, nome: str, maximo: int, dito: str) -> str:
        limpo = re.sub(r"[\s./-]", "", str(self.cleaned_data[nome]))
        if limpo and (not limpo.isascii() or not limpo.isdecimal() or len(limpo) > maximo):
            raise forms.ValidationError(f"{dito} Confira.")
        return limpo

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or {}
        if "receita" not in dados or "empresa" not in dados:
            return dados
        extensao = self.extensao_lida
        if self.receita_lida is None:
            self.add_error("receita", "As exigências desta receita não são conhecidas. Escolha-a de novo (F2).")
            return dados
        if extensao is None:
            self.add_error("extensao", "Escolha a extensão da receita.")
            return dados
        periodo = periodos.ler(extensao.tipo_pa, dados.get("periodo", ""))
        if "periodo" in dados and isinstance(periodo, Invalido):
            self.add_error("periodo", periodo.mensagem)
        if self.errors or isinstance(periodo, Invalido):
            return dados
        novo = self._darf(dados, extensao, periodo)
        for campo, dito in darfs.problemas(novo, extensao, periodo, timezone.localdate()).items():
            self.add_error(campo, dito)
        if not self.errors:
            self._complementar(novo, dados.get("complemento", ""))
        dados["darf"] = novo
        return dados

    @property
    def pergunta_o_debito(self) -> bool:
        return bool(self.fields["complemento"].widget.choices)  # type: ignore[attr-defined]

    def _complementar(self, novo: Darf, escolhido: str) -> None:
        """Of which debt it is, where equal ones exist: a copy of one, or another debt."""
        iguais = darfs.iguais(novo)
        if not iguais:
            return
        usados = {igual.complemento for igual in iguais}
        copiaveis = [igual for igual in iguais if not igual.aberto and not igual.pago]
        escolhas = {str(igual.complemento): f"outra via do mesmo débito: {igual.dito}" for igual in copiaveis}
        if self.darf is not None and self.darf.pk and novo.complemento not in usados:
            escolhas[str(novo.complemento)] = "o mesmo débito que já era"
            escolhido = escolhido or str(novo.complemento)
        seguinte = max(usados | {novo.complemento}) + 1
        escolhas[str(seguinte)] = f"outro débito, que se soma a esse (complemento {seguinte})"
        self.fields["complemento"].widget.choices = list(escolhas.items())  # type: ignore[attr-defined]
        if escolhido in escolhas:
            novo.complemento = int(escolhido)
            novo.nomear()
        elif any(igual.aberto for igual in iguais):
            self.add_error(
                "complemento",
                "Já há um DARF a emitir com esta empresa, receita, período, referência e quota. Altere o que existe, "
                "na lista de DARF, ou diga que este é outro débito.",
            )
        elif copiaveis:
            self.add_error(
                "complemento",
                "Já há um DARF desta empresa, receita, período, referência e quota. Diga se este é outra via dele, ou "
                "outro débito.",
            )
        else:
            self.add_error(
                "complemento",
                f"Já há um DARF desta empresa, receita, período, referência e quota: {iguais[-1].dito}. Só se emite de "
                "novo se for outro débito: diga que é.",
            )

    def _darf(self, dados: dict[str, Any], extensao: Extensao, periodo: periodos.Periodo) -> Darf:
        novo = self.darf or Darf(criado_por=self.usuario)
        tem = {campo for campo in darfs.CONDICIONAIS if darfs.exigencia(extensao, campo) != "vedado"}

        def do_campo(campo: str, vazio: Any) -> Any:
            return dados.get(campo) or vazio if campo in tem else vazio

        empresa = dados["empresa"]
        novo.empresa = Empresa.objects.select_related("municipio").get(pk=empresa.pk)
        novo.receita, novo.extensao = self.codigo, extensao.codigo
        novo.tipo_pa, novo.periodo, novo.competencia = periodo.tipo, periodo.texto, periodo.competencia
        novo.vencimento, novo.consolidacao = dados["vencimento"], dados["consolidacao"]
        novo.valor = Decimal(0) if extensao.veda_valor else dados["valor"]
        novo.multa = dados.get("multa") if "multa" in tem else None
        novo.juros = dados.get("juros") if "juros" in tem else None
        novo.referencia = do_campo("referencia", "")
        novo.cota = int(dados["cota"]) if "cota" in tem and dados.get("cota") else None
        ganho = do_campo("ganho_capital", "")
        novo.ganho_capital = None if not ganho else ganho == "S"
        novo.alienacao = do_campo("alienacao", None)
        novo.cno, novo.cnpj_prestador = do_campo("cno", ""), do_campo("cnpj_prestador", "")
        novo.observacao, novo.so_barras = dados.get("observacao", ""), bool(dados.get("so_barras"))
        novo.nomear()
        return novo


def inicial_de(darf: Darf) -> dict[str, Any]:
    """What the form of a stored DARF shows."""
    ganho = {None: "", True: "S", False: "N"}[darf.ganho_capital]
    campos = (
        "periodo", "valor", "vencimento", "consolidacao", "referencia", "multa", "juros", "alienacao", "cno",
        "cnpj_prestador", "observacao", "so_barras", "extensao",
    )  # fmt: skip
    return {
        **{campo: getattr(darf, campo) for campo in campos},
        "empresa": darf.empresa_id,
        "receita": darf.codigo,
        "cota": str(darf.cota or ""),
        "ganho_capital": ganho,
    }
