"""What a person says about an Operacao in doubt, and why a service is held."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from comum.documentos import mascarar
from comum.formatos import format_dinheiro
from comum.formularios import DinheiroField
from empresas.forms import ArquivoForm
from operacoes.handlers import Handler
from operacoes.models import AcessoCobrado, Efeito, Operacao

ARQUIVO_MAXIMO = 10 * 1024 * 1024
_TETO_MAXIMO = Decimal("99999999.99")  # what the column holds


class AconteceuForm(forms.Form):
    """*Aconteceu*: the number and the PDF that the handler asks for. `evidencia()` is what is kept."""

    numero = forms.CharField(max_length=300, strip=True)
    arquivo = forms.FileField(required=False, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".pdf"}))

    def __init__(self, operacao: Operacao, handler: Handler, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operacao, self.handler = operacao, handler
        self._preparar_numero()
        self._preparar_arquivo()

    def _preparar_numero(self) -> None:
        rotulo = self.handler.numero_da_prova
        if not rotulo:
            del self.fields["numero"]
            return
        numero = self.fields["numero"]
        numero.label, numero.help_text = rotulo, "Como aparece no serviço. Fica na auditoria com seu nome."
        numero.error_messages["required"] = f"Escreva o que foi visto no serviço: {rotulo.lower()}."

    def _preparar_arquivo(self) -> None:
        rotulo = self.handler.arquivo_da_prova
        if not rotulo:
            del self.fields["arquivo"]
            return
        arquivo = self.fields["arquivo"]
        arquivo.label = rotulo
        arquivo.required = self.operacao.efeito == Efeito.DOCUMENTO
        arquivo.help_text = "Fica guardado nos documentos da empresa."
        arquivo.error_messages["required"] = f"Anexe o arquivo baixado do serviço: {rotulo.lower()}."

    def clean_numero(self) -> str:
        numero: str = self.cleaned_data["numero"]
        if problema := self.handler.problema_da_prova(self.operacao, numero):
            raise forms.ValidationError(problema)
        return numero

    def clean_arquivo(self) -> bytes:
        enviado: UploadedFile[bytes] | None = self.cleaned_data["arquivo"]
        if enviado is None:
            return b""
        if (enviado.size or 0) > ARQUIVO_MAXIMO:
            raise forms.ValidationError("O arquivo passa de 10 MB. Anexe o PDF como foi baixado do serviço.")
        conteudo: bytes = enviado.read()
        if not conteudo.lstrip()[:5].startswith(b"%PDF-"):
            raise forms.ValidationError("O arquivo não é um PDF. Anexe o PDF como foi baixado do serviço.")
        return conteudo

    def evidencia(self) -> str:
        return str(self.cleaned_data.get("numero") or f"Arquivo anexado: {self.handler.arquivo_da_prova}")


class NaoAconteceuForm(forms.Form):
    motivo = forms.CharField(
        label="Como se sabe",
        max_length=300,
        strip=True,
        help_text="Onde e quando foi conferido. Fica na auditoria com seu nome.",
        error_messages={"required": "Escreva onde foi conferido que não aconteceu antes de responder."},
    )


class PausaForm(forms.Form):
    motivo = forms.CharField(
        label="Motivo", max_length=200, required=False, strip=True, help_text="Aparece para todos enquanto durar."
    )


class TetoForm(forms.Form):
    """What a billing period may cost, in reais; blank takes the cap away."""

    valor = DinheiroField(label="Teto do período (R$)", required=False, help_text="Em branco, sem teto.")
    parar_tudo = forms.BooleanField(
        label="Parar tudo ao atingir o teto",
        required=False,
        help_text="Também transmissões e a primeira via das guias. Sem isto, só param consultas, simulações e 2ª via.",
    )

    def clean_valor(self) -> Decimal | None:
        valor: Decimal | None = self.cleaned_data["valor"]
        if valor is not None and not Decimal(0) < valor <= _TETO_MAXIMO:
            raise forms.ValidationError(
                f"O teto vai de R$ 0,01 a {format_dinheiro(_TETO_MAXIMO)}. Deixe em branco para não ter teto."
            )
        return valor


class ConsumoForm(ArquivoForm):
    """SERPRO's consumption report, and whose it is."""

    conta = forms.ChoiceField(label="Contratante", error_messages={"required": "Escolha o contratante do relatório."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("criar_carteiras", None)
        nomes = AcessoCobrado.objects.order_by("nome", "conta").values_list("conta", "nome").distinct()
        campo = self.fields["conta"]
        campo.choices = [(conta, f"{nome} · {mascarar(conta)}" if nome else conta) for conta, nome in nomes]  # type: ignore[attr-defined]


class PrecosForm(ArquivoForm):
    """A table of prices, where it comes from and how certain it is."""

    fonte = forms.CharField(
        label="Fonte",
        max_length=200,
        help_text="O contrato ou o aditivo, com a data.",
        error_messages={"required": "Diga de onde vêm os preços, como “3º aditivo do contrato, de 01/12/2026”."},
    )
    certeza = forms.CharField(
        label="Quanto se sabe", max_length=300, required=False, help_text="Aparece ao lado dos preços."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("criar_carteiras", None)
