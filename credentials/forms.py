from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from comum import documentos
from credentials.models import Autor, Credencial, Servico
from credentials.services import certificados
from credentials.services.certificados import CertificadoNovo
from credentials.services.credenciais import DadosCredencial
from credentials.services.rascunho import Configuracao, ordenar


def ler_certificado(form: forms.Form, arquivo: str, senha: str) -> CertificadoNovo | None:
    """Read the uploaded PFX of a form; a refusal becomes an error of the field it speaks of."""
    enviado: UploadedFile[bytes] | None = form.cleaned_data.get(arquivo)
    if enviado is None:
        return None
    texto = form.cleaned_data.get(senha, "")
    try:
        # One byte beyond the limit is enough to refuse, however large the file is.
        conteudo = enviado.read(certificados.TAMANHO_MAXIMO + 1)
        if (enviado.size or 0) > certificados.TAMANHO_MAXIMO:
            certificados.recusar_tamanho(enviado.size or 0)
        return CertificadoNovo(conteudo, texto, certificados.ler_pfx(conteudo, texto))
    except certificados.CertificadoErro as erro:
        form.add_error(senha if erro.motivo == certificados.Motivo.SENHA else arquivo, erro.mensagem)
        return None


class CredencialForm(forms.Form):
    """Table 102. Blank keeps what is stored. What is typed into a password field or a file field does not come back."""

    codigo = forms.IntegerField(label="Código", min_value=1, max_value=99_999)
    descricao = forms.CharField(label="Descrição", max_length=80)
    ativa = forms.BooleanField(label="Credencial ativa", required=False, initial=True)
    consumer_key = forms.CharField(
        label="Consumer Key", max_length=200, required=False, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )
    consumer_secret = forms.CharField(
        label="Consumer Secret",
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    tipo_certificado = forms.ChoiceField(
        label="Tipo do certificado",
        choices=Credencial.TipoCertificado.choices,
        initial=Credencial.TipoCertificado.A1,
        widget=forms.RadioSelect,
    )
    certificado = forms.FileField(label="Arquivo do certificado (.pfx ou .p12)", required=False, allow_empty_file=True)
    senha = forms.CharField(
        label="Senha do certificado",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    versao = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, credencial: Credencial | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.credencial = credencial
        self.fields["certificado"].widget.attrs["accept"] = ".pfx,.p12,application/x-pkcs12"
        if credencial is not None:
            self.fields["codigo"].disabled = True
            self.initial.update(
                codigo=credencial.codigo,
                descricao=credencial.descricao,
                ativa=credencial.ativa,
                tipo_certificado=credencial.tipo_certificado,
                versao=credencial.versao,
            )

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        a3 = dados.get("tipo_certificado") == Credencial.TipoCertificado.A3
        if a3 and dados.get("certificado"):
            self.add_error(
                "certificado",
                "Um certificado A3 fica no cartão ou no token e não tem arquivo. Para enviar o arquivo, escolha A1.",
            )
            return dados
        self.novo = ler_certificado(self, "certificado", "senha")
        if dados.get("senha") and not self.files.get("certificado"):  # a refused file has its own message
            self.add_error("certificado", "A senha foi informada sem o arquivo. Escolha o arquivo .pfx ou .p12.")
        return dados

    @property
    def perdeu_segredos(self) -> bool:
        """Whether something write-only was sent and has to be given again."""
        return bool(
            any(self.data.get(campo) for campo in ("consumer_secret", "senha")) or self.files.get("certificado")
        )

    def dados(self) -> DadosCredencial:
        limpos = self.cleaned_data
        return DadosCredencial(
            codigo=limpos["codigo"],
            descricao=limpos["descricao"],
            tipo_certificado=limpos["tipo_certificado"],
            ativa=limpos["ativa"],
            consumer_key=limpos["consumer_key"],
            consumer_secret=limpos["consumer_secret"],
            certificado=self.novo,
        )


class VinculoForm(forms.Form):
    """The services of an empresa in a credencial, and who asks for them."""

    servicos = forms.MultipleChoiceField(
        label="Serviços",
        choices=Servico.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Escolha ao menos um serviço."},
    )
    autor = forms.ChoiceField(
        label="Autor do pedido",
        choices=Autor.choices,
        initial=Autor.CONTRATANTE,
        widget=forms.RadioSelect,
        help_text="Contratante é quem tem o contrato com o SERPRO. Um procurador assina, com o certificado A1 dele, o "
        "termo de autorização que o Guichê envia. Para a própria empresa pedir, escolha Procurador, com o CNPJ e o "
        "certificado dela.",
    )
    procurador = forms.CharField(
        label="CPF ou CNPJ do procurador",
        required=False,
        max_length=20,
    )
    certificado = forms.FileField(
        label="Certificado A1 do procurador",
        required=False,
        allow_empty_file=True,
        help_text="Arquivo .pfx ou .p12 que assinará a autorização. Em branco, fica o que já está guardado.",
    )
    senha = forms.CharField(
        label="Senha do certificado",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    observacao = forms.CharField(label="Observação", required=False, max_length=200)

    def __init__(
        self, *args: Any, atual: Configuracao | None = None, com_segredos: bool = False, **kwargs: Any
    ) -> None:
        """`com_segredos`: the user may bring a certificate of the procurador (an Administrador)."""
        super().__init__(*args, **kwargs)
        self.atual = atual
        self.fields["certificado"].widget.attrs["accept"] = ".pfx,.p12,application/x-pkcs12"
        if not com_segredos:
            del self.fields["certificado"], self.fields["senha"]
        if atual is not None:
            self.initial.update(
                servicos=list(atual.servicos),
                autor=atual.autor,
                procurador=documentos.mascarar(atual.procurador) if atual.procurador else "",
                observacao=atual.observacao,
            )

    def clean_procurador(self) -> str:
        texto = self.cleaned_data["procurador"]
        # Asked of nobody else, and not on the screen then: what was left there refuses nothing.
        if not texto.strip() or self.cleaned_data.get("autor") != Autor.PROCURADOR:
            return ""
        lido = documentos.documento(texto)
        if isinstance(lido, documentos.Invalido):
            raise forms.ValidationError(lido.mensagem)
        return lido

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        self.novo: CertificadoNovo | None = None
        if dados.get("autor") != Autor.PROCURADOR:
            return dados
        if not dados.get("procurador") and "procurador" not in self.errors:
            self.add_error("procurador", "Informe o CPF ou CNPJ do procurador, ou escolha outro autor do pedido.")
        self.novo = ler_certificado(self, "certificado", "senha")
        if self.novo and dados.get("procurador") and self.novo.lido.documento != dados["procurador"]:
            self.add_error(
                "certificado",
                f"O certificado é de {documentos.mascarar(self.novo.lido.documento)}, não do procurador informado.",
            )
        return dados

    def configuracao(self) -> Configuracao:
        """What was asked. It names the certificate in `novo` when there is one; the service that takes it saves it."""
        limpos = self.cleaned_data
        procurador, certificado = "", None
        if limpos["autor"] == Autor.PROCURADOR:
            procurador = limpos["procurador"]
            if self.novo is not None:
                certificado = self.novo.pk
            elif self.atual is not None and self.atual.procurador == procurador:
                certificado = self.atual.procurador_certificado_id
            else:
                certificado = certificados.do_procurador(procurador)
        return Configuracao(
            tuple(ordenar(limpos["servicos"])), limpos["autor"], procurador, certificado, limpos["observacao"]
        )


class ColarForm(forms.Form):
    lista = forms.CharField(
        label="Lista de empresas",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="CNPJ, CPF ou código de cada empresa, separados por linha, espaço, vírgula ou ponto e vírgula.",
        error_messages={"required": "Cole ao menos um CNPJ ou código."},
        max_length=2_000_000,
    )


class ImportarForm(forms.Form):
    """A CSV for the draft: a file, or the text pasted."""

    arquivo = forms.FileField(label="Arquivo CSV", required=False, allow_empty_file=True)
    texto = forms.CharField(
        label="Ou cole as linhas aqui",
        required=False,
        max_length=10_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="Com o cabeçalho na primeira linha: cnpj; serviços; autor; procurador; observação.",
    )

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        if not dados.get("arquivo") and not dados.get("texto", "").strip():
            raise forms.ValidationError("Escolha um arquivo CSV ou cole as linhas.")
        arquivo = dados.get("arquivo")
        if arquivo is not None and arquivo.size > 20_000_000:
            self.add_error("arquivo", "O arquivo tem mais de 20 MB. Divida-o em partes menores.")
        return dados

    @property
    def conteudo(self) -> bytes | str:
        arquivo = self.cleaned_data["arquivo"]
        return bytes(arquivo.read()) if arquivo is not None else str(self.cleaned_data["texto"])
