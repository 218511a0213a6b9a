"""What is said of one declaration beside its receitas: why it is rectified, the regime of its year, the processes."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from comum.formatos import format_competencia
from comum.permissoes import opera, usuario_de
from empresas.models import Municipio
from guias.models import Apuracao, NaoOptante, OpcaoRegime, Processo
from guias.services import aprovacao
from guias.services.regime import (
    dizer_fora_do_das,
    gravar_nao_optante,
    gravar_processo,
    optar,
    retirar_nao_optante,
)
from guias.services.retificacao import receitas_ditas
from guias.services.retificacao import retificar as abrir_retificacao
from guias.views.apuracao import apuracao_visivel


@opera
def retificar(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what the last declaration said and asks why; POST opens the rectification."""
    apuracao = apuracao_visivel(request, pk)
    motivo = request.POST.get("motivo", "")
    erro = ""
    if request.method == "POST":
        erro = abrir_retificacao(apuracao, usuario_de(request), motivo)
        if not erro:
            mes = format_competencia(apuracao.competencia)
            messages.success(
                request, f"Retificação de {mes} aberta com as receitas declaradas. Corrija-as, confira e transmita."
            )
            return redirect("guias:ver", pk=pk)
    elif apuracao.situacao != Apuracao.Situacao.TRANSMITIDA:
        messages.error(request, "Só se retifica uma declaração transmitida.")
        return redirect("guias:ver", pk=pk)
    return render(
        request,
        "guias/retificar.html",
        {
            "apuracao": apuracao,
            "motivo": motivo,
            "erro": erro,
            "receitas": [(cnpj, rotulo, Decimal(valor)) for cnpj, rotulo, valor in receitas_ditas(apuracao)],
        },
        status=422 if erro else 200,
    )


@require_POST
@opera
def declarar_retificadora(request: HttpRequest, pk: int) -> HttpResponse:
    """The Receita already has a declaration made elsewhere: the next one from here replaces it."""
    apuracao = apuracao_visivel(request, pk)
    retificadora = request.POST.get("retificadora") == "1"
    if erro := aprovacao.declarar_retificadora(apuracao, usuario_de(request), retificadora):
        messages.error(request, erro)
    return redirect("guias:ver", pk=pk)


@require_POST
@opera
def regime(request: HttpRequest, pk: int) -> HttpResponse:
    """How the revenue of the year is recognised."""
    apuracao = apuracao_visivel(request, pk)
    escolhido = request.POST.get("regime", "")
    ano = apuracao.competencia.year
    if escolhido not in OpcaoRegime.Regime.values:
        messages.error(request, "Escolha o regime, competência ou caixa, e grave de novo.")
    elif erro := optar(apuracao.empresa, ano, OpcaoRegime.Regime(escolhido), usuario_de(request)):
        messages.error(request, erro)
    else:
        rotulo = OpcaoRegime.Regime(escolhido).label.lower()
        messages.success(
            request, f"Receita de {ano} por {rotulo}. As apurações abertas do ano foram calculadas de novo."
        )
    return redirect("guias:ver", pk=pk)


@require_POST
@opera
def fora_do_das(request: HttpRequest, pk: int) -> HttpResponse:
    """What the company pays outside the DAS from this competência on."""
    apuracao = apuracao_visivel(request, pk)
    icms_iss, ibs_cbs = (request.POST.get(campo) == "1" for campo in ("icms_iss", "ibs_cbs"))
    erro = dizer_fora_do_das(apuracao, usuario_de(request), icms_iss=icms_iss, ibs_cbs=ibs_cbs)
    if erro:
        messages.error(request, erro)
    else:
        mes = format_competencia(apuracao.competencia)
        messages.success(
            request, f"Tributos fora do DAS desde {mes} gravados. As apurações abertas foram calculadas de novo."
        )
    return redirect("guias:ver", pk=pk)


def _so_algarismos(numero: str) -> str:
    limpo = "".join(letra for letra in numero if letra not in " ./-")
    if not limpo.isascii() or not limpo.isdecimal() or len(limpo) > 20:
        raise forms.ValidationError("Digite o número do processo com até 20 algarismos.")
    return limpo


def _com_tom(municipio: Municipio | None) -> Municipio | None:
    """The declaration names the município by its TOM code, and is refused without it."""
    if municipio is not None and not municipio.codigo_tom:
        raise forms.ValidationError(
            f"{municipio} não tem código TOM na tabela da Receita, e a declaração o exige. Confira o município."
        )
    return municipio


class NaoOptanteForm(forms.ModelForm[NaoOptante]):
    processo = forms.CharField(
        label="Número do processo", max_length=40, help_text="Com ou sem pontos; até 20 algarismos."
    )
    municipio = forms.ModelChoiceField(Municipio.objects.all(), label="Município")

    class Meta:
        model = NaoOptante
        fields = ["processo", "esfera", "municipio"]

    def clean_processo(self) -> str:
        return _so_algarismos(self.cleaned_data["processo"])

    def clean_municipio(self) -> Municipio | None:
        return _com_tom(self.cleaned_data["municipio"])


@opera
def nao_optante(request: HttpRequest, pk: int) -> HttpResponse:
    """The process by which the company declares without being of the Simples for the Receita; `retirar=1` takes it
    away."""
    apuracao = apuracao_visivel(request, pk)
    dito = NaoOptante.objects.filter(empresa=apuracao.empresa_id).select_related("municipio").first()
    if request.method == "POST" and request.POST.get("retirar") == "1":
        if erro := retirar_nao_optante(apuracao.empresa, usuario_de(request)):
            messages.error(request, erro)
        else:
            messages.success(request, "A empresa volta a declarar como optante. As apurações abertas foram refeitas.")
        return redirect("guias:ver", pk=pk)
    form = NaoOptanteForm(request.POST or None, instance=dito or NaoOptante(empresa=apuracao.empresa))
    if form.is_bound and form.is_valid():
        lidos = form.cleaned_data
        erro = gravar_nao_optante(
            apuracao.empresa,
            usuario_de(request),
            processo=lidos["processo"],
            esfera=lidos["esfera"],
            municipio=lidos["municipio"],
        )
        if not erro:
            messages.success(request, "Processo gravado. As apurações abertas foram refeitas: ele vai em cada uma.")
            return redirect("guias:ver", pk=pk)
        form.add_error(None, erro)
    return render(
        request,
        "guias/nao_optante.html",
        {"apuracao": apuracao, "form": form, "dito": dito},
        status=422 if form.is_bound else 200,
    )


class ProcessoForm(forms.ModelForm[Processo]):
    numero = forms.CharField(
        label="Número do processo", max_length=40, help_text="Com ou sem pontos; até 20 algarismos."
    )
    municipio = forms.ModelChoiceField(Municipio.objects.all(), required=False, label="Município")

    class Meta:
        model = Processo
        fields = ["numero", "motivo", "vara", "uf", "municipio", "deposito"]

    def clean_numero(self) -> str:
        numero = _so_algarismos(self.cleaned_data["numero"])
        outros = Processo.objects.filter(empresa=self.instance.empresa_id, numero=numero).exclude(pk=self.instance.pk)
        if outros.exists():
            raise forms.ValidationError("Este processo já está na lista abaixo: altere-o por ela.")
        if self.instance.pk and numero != self.initial["numero"]:
            raise forms.ValidationError("O número não muda: receitas o citam. Inclua outro processo.")
        return numero

    def clean_uf(self) -> str:
        uf = str(self.cleaned_data["uf"]).upper()
        if not Municipio.objects.filter(uf=uf).exists():
            raise forms.ValidationError("Digite a sigla da UF do processo, como SP.")
        return uf

    def clean_municipio(self) -> Municipio | None:
        return _com_tom(self.cleaned_data["municipio"])

    def clean(self) -> dict[str, object]:
        dados = super().clean() or {}
        municipio = dados.get("municipio")
        if isinstance(municipio, Municipio) and dados.get("uf") and municipio.uf != dados["uf"]:
            self.add_error("municipio", f"O município é de {municipio.uf}, e o processo, de {dados['uf']}.")
        return dados


@opera
def processos(request: HttpRequest, pk: int) -> HttpResponse:
    """The processes of the company that suspend tributes; `?alterar=` opens one of them in the form."""
    apuracao = apuracao_visivel(request, pk)
    todos = Processo.objects.filter(empresa=apuracao.empresa_id).select_related("municipio")
    pedido = request.GET.get("alterar", "")
    aberto = get_object_or_404(todos, pk=pedido) if pedido.isdecimal() and len(pedido) < 19 else None
    instancia = aberto or Processo(empresa=apuracao.empresa)
    form = ProcessoForm(request.POST or None, instance=instancia)
    if form.is_bound and form.is_valid():
        erro = gravar_processo(form.save(commit=False), usuario_de(request))
        if not erro:
            messages.success(request, f"Processo {form.instance.numero} gravado.")
            return redirect("guias:suspensoes", pk=pk)
        form.add_error(None, erro)
    return render(
        request,
        "guias/suspensoes.html",
        {"apuracao": apuracao, "form": form, "processos": todos, "aberto": aberto},
        status=422 if form.is_bound else 200,
    )
