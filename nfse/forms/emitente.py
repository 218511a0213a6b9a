"""The forms of an emitente's administration at Integra Notas, and of the software-house accounts."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from comum.documentos import algarismos
from comum.formatos import format_data
from comum.formularios import DataField, PercentualField
from credentials.forms import ler_certificado
from credentials.services.certificados import CertificadoNovo
from empresas.models import Empresa, Regime
from nfse.forms.canais import SenhaField, ler_serie, ler_token
from nfse.models import CanalNfse, ContaSofthouse
from nfse.providers.integranotas.cadastro import DOCUMENTOS
from nfse.services.acesso import versao_de
from nfse.services.canais import certificados_da
from nfse.services.softhouse import DadosConta

_CRT = [("", "Não informar"), ("1", "1 · Simples Nacional"), ("3", "3 · Regime normal")]
_ROTULOS_DOCUMENTOS = {
    "nfse": "NFS-e",
    "nfe": "NF-e",
    "nfce": "NFC-e",
    "mdfe": "MDF-e",
    "cte": "CT-e",
    "cteos": "CT-e OS",
    "bpe": "BP-e",
    "dfe_nfe": "NF-e recebidas",
    "dfe_cte": "CT-e recebidos",
    "sintegra": "Sintegra",
    "gnre": "GNR-e",
}
_TEXTOS = ("nome", "razao", "cnae", "ie", "im", "telefone", "email", "rua", "numero", "complemento", "bairro", "cep")
_XML_MAXIMO = 1_400_000  # bytes: in base64 the request stays below the 2 MB that the service takes


def cadastro_da_empresa(empresa: Empresa) -> dict[str, Any]:
    """What our own register tells of the emitente, to begin a form with."""
    regime = empresa.regime_em(timezone.localdate()) or empresa.regime
    return {
        "nome": empresa.nome_fantasia or empresa.razao_social,
        "razao": empresa.razao_social,
        "crt": "1" if regime in (Regime.SIMPLES, Regime.MEI) else "3",
        "cnae": empresa.cnae_id or "",
        "im": empresa.inscricao_municipal,
        "email": empresa.email_fiscal,
        "documentos": ["nfse"],
    }


class EmitenteForm(forms.Form):
    """The record of an emitente. A blank field is not sent: it stays as the service has it."""

    nome = forms.CharField(label="Nome fantasia", max_length=100, required=False)
    razao = forms.CharField(label="Razão social", max_length=150, required=False)
    crt = forms.ChoiceField(label="Regime (CRT)", choices=_CRT, required=False)
    aliquota_simples = PercentualField(label="Alíquota do Simples (%)", required=False)
    cnae = forms.CharField(label="CNAE", max_length=10, required=False)
    im = forms.CharField(label="Inscrição municipal", max_length=20, required=False)
    ie = forms.CharField(label="Inscrição estadual", max_length=20, required=False)
    telefone = forms.CharField(label="Telefone", max_length=20, required=False)
    email = forms.EmailField(
        label="E-mail",
        required=False,
        error_messages={"invalid": "E-mail inválido. Informe um só endereço, como fiscal@empresa.com.br."},
    )
    rua = forms.CharField(label="Logradouro", max_length=100, required=False)
    numero = forms.CharField(label="Número", max_length=10, required=False)
    complemento = forms.CharField(label="Complemento", max_length=60, required=False)
    bairro = forms.CharField(label="Bairro", max_length=60, required=False)
    cep = forms.CharField(label="CEP", max_length=9, required=False)
    documentos = forms.MultipleChoiceField(
        label="Documentos que o emitente usa",
        choices=sorted(_ROTULOS_DOCUMENTOS.items(), key=lambda par: par[0] != "nfse"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    prefeitura = forms.BooleanField(label="Enviar o acesso à prefeitura guardado no canal", required=False)

    def __init__(self, *args: Any, empresa: Empresa, novo: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empresa, self.novo = empresa, novo
        if novo:
            self.fields["nome"].required = self.fields["razao"].required = True
            self.fields["nome"].error_messages["required"] = "Informe o nome do emitente."
            self.fields["razao"].error_messages["required"] = "Informe a razão social do emitente."

    def clean_cnae(self) -> str:
        cnae = algarismos(self.cleaned_data["cnae"])
        if self.cleaned_data["cnae"] and len(cnae) != 7:
            raise ValidationError("O CNAE tem 7 números, como 6920-6/01.")
        return cnae

    def clean_cep(self) -> str:
        cep = algarismos(self.cleaned_data["cep"])
        if self.cleaned_data["cep"] and len(cep) != 8:
            raise ValidationError("O CEP tem 8 números, como 50030-000.")
        return cep

    def clean_telefone(self) -> str:
        telefone = algarismos(self.cleaned_data["telefone"])
        if self.cleaned_data["telefone"] and not 10 <= len(telefone) <= 11:
            raise ValidationError("O telefone tem DDD e número, como (81) 3333-4444.")
        return telefone

    def cadastro(self) -> dict[str, Any]:
        """The fields given, as CadastroEmitente names them; the município is that of our register."""
        limpos = self.cleaned_data
        campos: dict[str, Any] = {nome: limpos[nome] for nome in _TEXTOS if limpos[nome]}
        if limpos["crt"]:
            campos["crt"] = int(limpos["crt"])
        if limpos["aliquota_simples"] is not None:
            campos["aliquota_simples"] = str(limpos["aliquota_simples"])
        if limpos["documentos"]:
            campos["documentos"] = {nome: nome in limpos["documentos"] for nome in DOCUMENTOS}
        if (municipio := self.empresa.municipio) is not None and (campos or self.novo):
            campos |= {"municipio": municipio.nome, "cmun": municipio.pk, "uf": municipio.uf}
        if self.novo:
            campos["plano"] = "Emitente"
        return campos


class AlterarEmitenteForm(EmitenteForm):
    pela_conta = forms.ChoiceField(
        label="Com qual token",
        choices=[("", "O do emitente"), ("1", "O da software house")],
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )


def lido_no_form(lido: Mapping[str, Any]) -> dict[str, Any]:
    """What the service tells of the emitente, to begin the form of its change with."""
    iniciais = {nome: str(lido[nome]) for nome in (*_TEXTOS, "crt") if lido.get(nome) not in (None, "")}
    if lido.get("aliquota_simples") not in (None, ""):
        iniciais["aliquota_simples"] = str(lido["aliquota_simples"]).replace(".", ",")
    documentos = lido.get("documentos")
    if isinstance(documentos, dict):
        return iniciais | {"documentos": [nome for nome, usa in documentos.items() if usa is True]}
    return iniciais


class NovoEmitenteForm(EmitenteForm):
    """An emitente to be created, and how its notes will be numbered."""

    serie = forms.CharField(label="Série", max_length=5, initial="1")
    proximo_numero = forms.IntegerField(
        label="Próximo número",
        min_value=1,
        max_value=999_999_999,
        initial=1,
        help_text="O que vem depois do último RPS desta série, em qualquer sistema.",
    )

    def clean_serie(self) -> str:
        return ler_serie(self.cleaned_data["serie"], so_numeros=False)


class CertificadoForm(forms.Form):
    """Which A1 goes to the service: the canal's, another stored one, or a file."""

    certificado = forms.ChoiceField(
        label="Certificado A1 guardado",
        required=False,
        error_messages={"invalid_choice": "O certificado escolhido não está mais guardado. Escolha outro."},
    )
    arquivo = forms.FileField(label="Ou envie o arquivo (.pfx ou .p12)", required=False, allow_empty_file=True)
    senha_arquivo = SenhaField(label="Senha do arquivo")

    def __init__(self, *args: Any, canal: CanalNfse, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.novo: CertificadoNovo | None = None
        guardados = list(certificados_da(canal.empresa).order_by("-valido_ate")[:20])
        self.fields["certificado"].choices = [  # type: ignore[attr-defined]
            ("", "Escolha…"),
            *((str(c.pk), f"{c.titular}, até {format_data(c.valido_ate)}") for c in guardados),
        ]
        if canal.certificado_id in {c.pk for c in guardados}:
            self.initial["certificado"] = str(canal.certificado_id)
        self.fields["arquivo"].widget.attrs["accept"] = ".pfx,.p12,application/x-pkcs12"

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if "arquivo" in self.errors or "certificado" in self.errors:
            return dados
        if dados.get("arquivo"):
            self.novo = ler_certificado(self, "arquivo", "senha_arquivo")
        elif dados.get("senha_arquivo"):
            self.add_error("arquivo", "A senha foi informada sem o arquivo. Escolha o arquivo .pfx ou .p12.")
        elif not dados.get("certificado"):
            self.add_error("certificado", "Escolha um certificado guardado, ou envie o arquivo.")
        return dados

    def escolhido(self) -> CertificadoNovo | UUID:
        return self.novo or UUID(self.cleaned_data["certificado"])


class MunicipioForm(forms.Form):
    ibge = forms.RegexField(
        r"^[0-9]{7}$",
        label="Município",
        error_messages={
            "required": "Escolha o município (F2).",
            "invalid": "O código do município tem 7 números. Escolha na lista (F2).",
        },
    )


class BackupForm(forms.Form):
    """A month whose files are asked for."""

    mes = forms.IntegerField(
        label="Mês",
        min_value=1,
        max_value=12,
        error_messages={"min_value": "O mês vai de 1 a 12.", "max_value": "O mês vai de 1 a 12."},
    )
    ano = forms.IntegerField(label="Ano", min_value=2010, max_value=2099)
    tipo = forms.ChoiceField(
        label="Notas",
        choices=[("emitidas", "Emitidas"), ("recebidas", "Recebidas")],
        initial="emitidas",
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        hoje = timezone.localdate()
        if dados.get("ano") and dados.get("mes") and date(dados["ano"], dados["mes"], 1) > hoje.replace(day=1):
            self.add_error("mes", "Este mês ainda não chegou. Escolha um que já terminou.")
        return dados


class BuscaForm(forms.Form):
    """What is looked for among the notes of the service, or of the town hall."""

    onde = forms.ChoiceField(
        label="Onde",
        choices=[("servico", "No Integra Notas"), ("prefeitura", "Na prefeitura")],
        initial="servico",
        widget=forms.RadioSelect,
    )
    de = DataField(label="De", required=False)
    ate = DataField(label="Até", required=False)
    serie = forms.CharField(label="Série do RPS", max_length=5, required=False)
    rps = forms.IntegerField(label="Número do RPS", min_value=1, max_value=999_999_999, required=False)
    numero = forms.IntegerField(label="Número da NFS-e", min_value=1, required=False)

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if self.errors:
            return dados
        if not any(dados.get(nome) for nome in ("de", "ate", "serie", "rps", "numero")):
            self.add_error("de", "Informe ao menos um filtro: datas, série, RPS ou número.")
        if dados.get("de") and dados.get("ate") and dados["ate"] < dados["de"]:
            self.add_error("ate", "A data final é anterior à inicial. Confira as duas.")
        return dados


class ConflitoForm(forms.Form):
    """The XML that the town hall has of a note on which the service disagrees."""

    chave = forms.CharField(label="Chave da nota", max_length=80, error_messages={"required": "Informe a chave."})
    xml = forms.FileField(
        label="XML baixado da prefeitura",
        allow_empty_file=True,
        error_messages={"required": "Escolha o arquivo XML da nota."},
        widget=forms.FileInput(attrs={"accept": ".xml,application/xml,text/xml"}),
    )

    def clean_chave(self) -> str:
        chave = re.sub(r"[\s./-]", "", self.cleaned_data["chave"]).upper()
        if not re.fullmatch(r"[0-9A-Z]{44}|[0-9A-Z]{50}", chave):
            raise ValidationError(f"A chave tem 44 ou 50 caracteres, e esta tem {len(chave)}. Copie-a inteira da nota.")
        return chave

    def clean_xml(self) -> bytes:
        arquivo = self.cleaned_data["xml"]
        if (arquivo.size or 0) > _XML_MAXIMO:
            raise ValidationError(f"O arquivo tem {arquivo.size // 1000} kB, e o serviço não recebe mais de 1.400 kB.")
        conteudo: bytes = arquivo.read()
        if not conteudo.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            raise ValidationError("O arquivo não é um XML. Baixe o XML da nota na página da prefeitura.")
        return conteudo


class ContaForm(forms.Form):
    """A software-house account. Blank token: keep what is stored."""

    nome = forms.CharField(label="Nome", max_length=80, help_text="Como o escritório a chama.")
    token = SenhaField(label="Token da software house", max_length=4000)
    ativa = forms.BooleanField(label="Conta ativa", required=False, initial=True)
    versao = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, conta: ContaSofthouse | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conta = conta
        if conta is not None:
            self.initial.update(nome=conta.nome, ativa=conta.ativa, versao=versao_de(conta))

    def clean_token(self) -> str:
        token = ler_token(self.cleaned_data["token"])
        if not token and self.conta is None:
            raise ValidationError("Informe o token da software house: é o do console, diferente do token do emitente.")
        return token

    @property
    def perdeu_segredos(self) -> bool:
        return bool(self.data.get("token"))

    def dados(self) -> DadosConta:
        return DadosConta(self.cleaned_data["nome"], self.cleaned_data["ativa"], self.cleaned_data["token"])
