"""The mailboxes of all the empresas: what is to be read, who has new messages, one message."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from comum.formatos import contar
from comum.listas import Filtro, Lista, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio, volta
from credentials.models import Servico
from empresas.contexto import contexto_de
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.models import MensagemEcac
from guias.providers.caixapostal import MSGDETALHAMENTO62
from guias.providers.eventos import Evento
from guias.services import consultas, novidades, panorama
from guias.services.acesso import Acessos, Fora, acesso_ou_motivo
from guias.views.base import nova_intencao, perguntar, perguntar_novidades
from guias.views.receita import marcadas
from operacoes import custos
from operacoes.models import Classe

_POR_LER = Case(When(lida_em__isnull=True, then=Value(0)), default=Value(1), output_field=IntegerField())


def _lista(request: HttpRequest, params: QueryDict) -> Lista[Any]:
    usuario, empresa = usuario_de(request), contexto_de(request).empresa
    base = MensagemEcac.objects.visiveis(usuario).select_related("empresa").defer("corpo").annotate(lida=_POR_LER)
    if params.get("todas") != "1":
        base = base.filter(lida_em__isnull=True)
    if empresa is not None:
        base = base.filter(empresa=empresa.matriz_id or empresa.pk)
    return Lista(
        params=params,
        base=base,
        ordens={
            "prioridade": ["lida", "-relevante", "-enviada_em"],
            "empresa": ["empresa__ordem", "-enviada_em"],
            "enviada": ["enviada_em"],
            "validade": ["validade"],
        },
        ordem_padrao="prioridade",
        procurar=lambda consulta, texto: (
            consulta.filter(empresa__in=Empresa.objects.procurar(texto)) | consulta.filter(assunto__icontains=texto)
        ),
        filtros=[
            Filtro(
                "relevancia",
                "Relevância",
                lambda consulta, valor: consulta.filter(relevante=valor == "sim"),
                [("sim", "Relevantes"), ("nao", "Sem relevância")],
            ),
            Filtro(
                "texto",
                "Texto",
                lambda consulta, valor: consulta.filter(aberta_em__isnull=valor == "fechada"),
                [("aberta", "Abertas, com o texto guardado"), ("fechada", "Ainda não abertas")],
            ),
            filtro_de_carteira(usuario, "empresa__carteira"),
        ],
        fixos=["todas"],
    )


@require_GET
def lista_de_mensagens(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "guias/mensagem_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {"lista": _lista(request, request.GET), "todas": request.GET.get("todas") == "1"},
    )


@require_GET
def caixas(request: HttpRequest) -> HttpResponse:
    """Each empresa with the free flag and the last list."""
    lista = panorama.caixas(request.GET, usuario_de(request), contexto_de(request).empresa)
    empresas = list(lista.pagina)
    em_curso = panorama.em_curso(empresas, ["guias.caixapostal.novas", "guias.caixapostal.listar"])
    linhas = [
        (
            empresa,
            em_curso.get(empresa.pk),
            panorama.idade(empresa.indicada_em),
            panorama.idade(empresa.listada_em),
            bool(empresa.novas) and (empresa.listada_em is None or empresa.listada_em < empresa.indicada_em),
            novidades.ESTADOS[empresa.novidade],
        )
        for empresa in empresas
    ]
    return render(
        request,
        "guias/caixas.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {"lista": lista, "linhas": linhas},
    )


@require_POST
@opera
def novas(request: HttpRequest) -> HttpResponse:
    """The free question that asks of a thousand at a time, of the marked empresas: who received a message."""
    return perguntar_novidades(request, marcadas(request, "guias:caixas"), Evento.CAIXA_POSTAL, reverse("guias:caixas"))


def _visivel(request: HttpRequest, pk: int) -> MensagemEcac:
    visiveis = MensagemEcac.objects.visiveis(usuario_de(request)).select_related("empresa", "lida_por")
    return get_object_or_404(visiveis, pk=pk)


@require_GET
def mensagem(request: HttpRequest, pk: int) -> HttpResponse:
    aberta = _visivel(request, pk)
    hoje = timezone.localdate()
    vinculo = acesso_ou_motivo(
        Servico.CAIXA_POSTAL, aberta.empresa, Acessos([aberta.empresa], hoje.replace(day=1)), MSGDETALHAMENTO62.poderes
    )
    impedida = isinstance(vinculo, Fora)
    return render(
        request,
        "guias/mensagem.html",
        {
            "mensagem": aberta,
            "expirada": aberta.validade is not None and aberta.validade < hoje,
            "impedimento": vinculo.motivo if isinstance(vinculo, Fora) else "",
            "custo": None
            if isinstance(vinculo, Fora)
            else custos.previsto(Classe.CONSULTA, 1, vinculo.credencial.acesso),
            "pode_abrir": not impedida and usuario_de(request).opera,
            "intencao": nova_intencao(),
            "voltar": lista_de_onde_veio(request, reverse("guias:caixa_postal")),
        },
    )


@require_POST
@opera
def abrir(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the Receita for the text, which notifies the empresa; what is kept already is shown at no cost."""
    pedida = _visivel(request, pk)
    if pedida.aberta_em is not None:
        return redirect("guias:mensagem", pk)
    return perguntar(request, consultas.abrir_mensagem, pedida, "guias:mensagem", pk)


@require_POST
@opera
def marcar(request: HttpRequest) -> HttpResponse:
    """The office's own mark on the marked messages; nothing is said to the Receita."""
    visiveis = MensagemEcac.objects.visiveis(usuario_de(request))
    escolhidas = selecionados(request.POST, visiveis, lambda params: _lista(request, params))
    alvo = MensagemEcac.objects.filter(pk__in=escolhidas.order_by().values("pk"))
    if request.POST.get("como") == "nao_lida":
        quantas = alvo.exclude(lida_em=None).update(lida_em=None, lida_por=None)
        dito = contar(quantas, "mensagem volta a estar por ler", "mensagens voltam a estar por ler")
    else:
        quantas = alvo.filter(lida_em=None).update(lida_em=timezone.now(), lida_por=usuario_de(request))
        dito = contar(quantas, "mensagem marcada como lida", "mensagens marcadas como lidas")
    if quantas:
        messages.success(request, f"{dito} no escritório. Nada foi dito à Receita.")
    else:
        messages.info(request, "Nada a marcar: marque mensagens na lista e tente de novo.")
    return redirect(volta(request, reverse("guias:caixa_postal")))
