"""The form of a canal: only the fields of its service. What is secret never comes back to the screen."""

import re
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from comum.formatos import format_data
from credentials.forms import ler_certificado
from credentials.services.certificados import CertificadoNovo
from empresas.models import Empresa, Regime
from nfse.forms.exigencias import (
    campos_do_canal,
    campos_do_nacional,
    conferir_layout,
    conferir_tributos,
    iniciais_do_canal,
)
from nfse.models import CanalNfse, ContaSofthouse, TipoCanal
from nfse.models.exigencias import RegimeApuracao
from nfse.services.acesso import versao_de
from nfse.services.canais import CLIENT_ID, EXIGENCIAS, DadosCanal, certificados_da
from nfse.services.regras import Rotas

MAIOR_NUMERO = 999_999_999
_SERIE = re.compile(r"[0-9A-Za-z]{1,5}")
_VISIVEL = re.compile(r"[\x21-\x7e]+")
_MENOR_TOKEN = 16


def ler_token(texto: str) -> str:
    """A token as pasted from the console: no blanks inside, no "Bearer" in front. Raises ValidationError."""
    token = re.sub(r"^\s*Bearer\s+", "", texto, flags=re.IGNORECASE).strip()
    if not token:
        return ""
    if not _VISIVEL.fullmatch(token):
        raise ValidationError(
            "O token tem espaço, quebra de linha ou acento no meio. Copie-o de novo, inteiro e sozinho."
        )
    if len(token) < _MENOR_TOKEN:
        raise ValidationError(f"O token tem {len(token)} caracteres: parece cortado. Copie-o inteiro do console.")
    return token


def ler_serie(texto: str, *, so_numeros: bool) -> str:
    """A série of RPS or DPS. Raises ValidationError."""
    serie = texto.strip()
    if not _SERIE.fullmatch(serie):
        raise ValidationError("A série tem de 1 a 5 letras ou números, sem espaço nem acento.")
    if so_numeros and not serie.isdecimal():
        raise ValidationError("No layout nacional a série só tem números.")
    return serie


class SenhaField(forms.CharField):
    """A secret to be kept: typed, never shown again."""

    def __init__(self, *, label: str, max_length: int = 200, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            max_length=max_length,
            required=False,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            **kwargs,
        )


class CanalForm(forms.Form):
    """One canal of a service, to be created (`empresa` chosen or not) or altered (`canal`). Blank secrets keep what is
    stored."""

    SECRETOS: ClassVar[tuple[str, ...]] = ("senha", "chave_aplicacao", "token", "senha_arquivo")

    use_required_attribute = False  # an inactive canal may lack what an active one needs

    ativo = forms.BooleanField(label="Canal ativo", required=False, initial=True)
    versao = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        tipo: TipoCanal,
        empresa: Empresa | None = None,
        canal: CanalNfse | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.tipo, self.canal, self.empresa = tipo, canal, canal.empresa if canal else empresa
        self.novo: CertificadoNovo | None = None
        {
            TipoCanal.SISGENFE: self._sisgenfe,
            TipoCanal.INTEGRANOTAS: self._integranotas,
            TipoCanal.NACIONAL: self._nacional,
        }[tipo]()
        if canal is not None:
            self.initial.update(self._do_canal(canal))

    # -- fields of each service ---------------------------------------------------------------------------------------
    def _sisgenfe(self) -> None:
        self.fields["usuario"] = forms.CharField(
            label="Usuário", max_length=80, required=False, widget=forms.TextInput(attrs={"spellcheck": "false"})
        )
        self.fields["senha"] = SenhaField(label="Senha")
        self.fields["chave_aplicacao"] = SenhaField(label="Chave de aplicação")
        self._exigir(
            ("usuario", "Informe o usuário que a prefeitura ou o fornecedor deu ao prestador."),
            ("senha", "Informe a senha do usuário."),
            ("chave_aplicacao", "Informe a chave de aplicação, pedida ao fornecedor do SISGENF-e."),
        )

    def _integranotas(self) -> None:
        self.fields["token"] = SenhaField(label="Token do emitente", max_length=4000)
        self._exigir(("token", "Informe o token do emitente, do console do Integra Notas."))
        contas = ContaSofthouse.objects.filter(ativa=True)
        self.fields["conta"] = forms.ModelChoiceField(
            contas, label="Conta de software house", required=False, empty_label="Nenhuma"
        )
        self.fields["versao_emissao"] = forms.TypedChoiceField(
            label="Layout das notas do município",
            choices=[("1", "Próprio do município (versão 1)"), ("2", "Nacional (versão 2)")],
            coerce=int,
            initial="1",
            widget=forms.RadioSelect,
        )
        self.fields.update(campos_do_canal())
        self.fields["usuario"] = forms.CharField(label="Usuário na prefeitura", max_length=80, required=False)
        self.fields["senha"] = SenhaField(label="Senha na prefeitura")
        self.fields["client_id"] = forms.CharField(label="Client id na prefeitura", max_length=120, required=False)
        self.fields["chave_aplicacao"] = SenhaField(label="Client secret na prefeitura")
        self._certificado()
        self._numeracao()

    def _nacional(self) -> None:
        self.fields.update(campos_do_nacional())
        if self._do_simples():
            self.initial.setdefault("regime_apuracao", RegimeApuracao.NO_SIMPLES)
            self._exigir(("regime_apuracao", "A empresa é do Simples: diga como ela apura os tributos."))
        self._certificado()
        self._numeracao()

    def _exigir(self, *faltas: tuple[str, str]) -> None:
        """A new canal that is active needs what opens it: otherwise it would only refuse notes later."""
        if self.canal is not None or (self.is_bound and not self.data.get("ativo")):
            return
        for campo, falta in faltas:
            self.fields[campo].required = True
            self.fields[campo].error_messages["required"] = f"{falta} Para completar depois, grave o canal inativo."

    def _do_simples(self) -> bool:
        """Whether a new canal is of an ME or EPP of the Simples this month."""
        if self.canal is not None or self.empresa is None:
            return False
        este_mes = timezone.localdate().replace(day=1)
        return Rotas([self.empresa]).regime(self.empresa, este_mes) == Regime.SIMPLES

    def _conferir_simples(self, dados: dict[str, Any]) -> None:
        """Every note of an ME or EPP says the approximate taxes: an active canal without them would only refuse."""
        tributos = ("total_simples", "carga_federal", "carga_estadual", "carga_municipal")
        ditos = [nome for nome in tributos if dados.get(nome) is not None or nome in self.errors]
        if dados.get("ativo") and not ditos and self._do_simples():
            self.add_error(
                "total_simples",
                "Toda nota de ME ou EPP diz os tributos aproximados: informe a alíquota do Simples, ou os três "
                "percentuais. Para completar depois, grave o canal inativo.",
            )

    def _certificado(self) -> None:
        guardados = certificados_da(self.empresa).order_by("-valido_ate")[:20] if self.empresa else ()
        self.fields["certificado"] = forms.ChoiceField(
            label="Certificado A1 guardado",
            required=False,
            choices=[
                ("", "Manter como está" if self.canal else "Nenhum"),
                *((str(c.pk), f"{c.titular}, até {format_data(c.valido_ate)}") for c in guardados),
            ],
            error_messages={"invalid_choice": "O certificado escolhido não está mais guardado. Escolha outro."},
        )
        self.fields["arquivo"] = forms.FileField(
            label="Ou envie o arquivo (.pfx ou .p12)", required=False, allow_empty_file=True
        )
        self.fields["arquivo"].widget.attrs["accept"] = ".pfx,.p12,application/x-pkcs12"
        self.fields["senha_arquivo"] = SenhaField(label="Senha do arquivo")

    def _numeracao(self) -> None:
        if self.canal is not None:
            return  # raised on a screen of its own, with a reason
        self.fields["serie"] = forms.CharField(label="Série", max_length=5, initial="1")
        self.fields["proximo_numero"] = forms.IntegerField(
            label="Próximo número",
            min_value=1,
            max_value=MAIOR_NUMERO,
            initial=1,
            help_text="O que vem depois do último RPS ou DPS desta série, em qualquer sistema.",
        )

    def _do_canal(self, canal: CanalNfse) -> dict[str, Any]:
        valores = {
            "ativo": canal.ativo,
            "versao": versao_de(canal),
            "usuario": canal.usuario,
            "conta": canal.conta_id,
            "versao_emissao": str(canal.versao_emissao),
            "client_id": canal.opcoes.get(CLIENT_ID, ""),
        }
        if "regime_tributacao" in self.fields:
            valores |= iniciais_do_canal(canal)
        if canal.conta_id and "conta" in self.fields:  # an account switched off stays chosen
            self.fields["conta"].queryset = ContaSofthouse.objects.filter(  # type: ignore[attr-defined]
                pk__in=[*ContaSofthouse.objects.filter(ativa=True).values_list("pk", flat=True), canal.conta_id]
            )
        return valores

    # -- what is typed ------------------------------------------------------------------------------------------------
    def clean_usuario(self) -> str:
        return str(self.cleaned_data["usuario"]).strip()

    def clean_token(self) -> str:
        return ler_token(self.cleaned_data["token"])

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if self.tipo == TipoCanal.SISGENFE:
            return dados
        if self.tipo == TipoCanal.NACIONAL:
            dados["versao_emissao"] = 2
            conferir_tributos(self, dados)
            self._conferir_simples(dados)
        conferir_layout(self, dados)
        if "serie" in dados:
            try:
                nacional = self.tipo == TipoCanal.NACIONAL or dados.get("versao_emissao") == 2
                dados["serie"] = ler_serie(dados["serie"], so_numeros=nacional)
            except ValidationError as erro:
                self.add_error("serie", erro)
        if dados.get("arquivo") and dados.get("certificado"):
            self.add_error("arquivo", "Escolha um certificado guardado ou envie um arquivo, não os dois.")
            return dados
        self.novo = ler_certificado(self, "arquivo", "senha_arquivo")
        if dados.get("senha_arquivo") and not self.files.get("arquivo"):  # a refused file has its own message
            self.add_error("arquivo", "A senha foi informada sem o arquivo. Escolha o arquivo .pfx ou .p12.")
        return dados

    @property
    def perdeu_segredos(self) -> bool:
        """Whether something write-only was sent and has to be given again."""
        return bool(any(self.data.get(campo) for campo in self.SECRETOS) or self.files.get("arquivo"))

    def dados(self) -> DadosCanal:
        limpos = self.cleaned_data
        escolhido = limpos.get("certificado") or ""
        return DadosCanal(
            ativo=limpos["ativo"],
            usuario=limpos.get("usuario", ""),
            senha=limpos.get("senha", ""),
            chave_aplicacao=limpos.get("chave_aplicacao", ""),
            token=limpos.get("token", ""),
            client_id=limpos.get("client_id", ""),
            conta=limpos.get("conta"),
            certificado=self.novo or (UUID(escolhido) if escolhido else None),
            versao_emissao=limpos.get("versao_emissao") or 1,
            serie=limpos.get("serie", ""),
            proximo_numero=limpos.get("proximo_numero") or 1,
            regime_tributacao=limpos.get("regime_tributacao", ""),
            regime_apuracao=limpos.get("regime_apuracao", ""),
            natureza=limpos.get("natureza", ""),
            exigibilidade=limpos.get("exigibilidade", ""),
            incentivo_fiscal=limpos.get("incentivo_fiscal"),
            carga_municipal=limpos.get("carga_municipal"),
            informa_im=limpos.get("informa_im") or False,
            total_simples=limpos.get("total_simples"),
            carga_federal=limpos.get("carga_federal"),
            carga_estadual=limpos.get("carga_estadual"),
        )

    @property
    def abre_exigencias(self) -> bool:
        """Whether the folded fields of the town have something to show."""
        nomes = [nome for nome in EXIGENCIAS if nome in self.fields]
        return any(self[nome].value() not in (None, "") or nome in self.errors for nome in nomes)


class NumeracaoForm(forms.Form):
    """Another série, or a higher next number, with its reason."""

    serie = forms.CharField(label="Série", max_length=5)
    proximo_numero = forms.IntegerField(label="Próximo número", min_value=1, max_value=MAIOR_NUMERO)
    motivo = forms.CharField(
        label="Motivo",
        max_length=200,
        strip=True,
        help_text="Fica na auditoria com seu nome.",
        error_messages={"required": "Escreva por que a numeração muda."},
    )
    versao = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, canal: CanalNfse, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.canal = canal
        self.initial.update(serie=canal.serie, proximo_numero=canal.proximo_numero, versao=versao_de(canal))

    def clean_serie(self) -> str:
        nacional = self.canal.tipo == TipoCanal.NACIONAL or self.canal.versao_emissao == 2
        return ler_serie(self.cleaned_data["serie"], so_numeros=nacional)


class EscolhaForm(forms.Form):
    """Whose canal, and of which service: the first two answers of *Novo canal*."""

    empresa = forms.ModelChoiceField(
        Empresa.objects.none(),
        label="Empresa",
        widget=forms.HiddenInput,
        error_messages={
            "required": "Escolha a empresa (F2).",
            "invalid_choice": "Esta empresa não existe, ou não é das suas carteiras. Escolha na lista (F2).",
        },
    )
    tipo = forms.ChoiceField(
        label="Serviço", choices=TipoCanal.choices, initial=TipoCanal.SISGENFE, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, empresas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["empresa"].queryset = empresas  # type: ignore[attr-defined]

    def escolhidos(self) -> tuple[Empresa | None, TipoCanal]:
        """What is chosen so far, whether the rest is right or not."""
        self.is_valid()
        dados = self.cleaned_data if self.is_bound else {}
        tipo = dados.get("tipo") or self.initial.get("tipo") or TipoCanal.SISGENFE
        return dados.get("empresa"), TipoCanal(tipo)
