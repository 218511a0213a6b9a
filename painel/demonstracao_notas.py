"""The notas part of the demo office: a dozen empresas with channels, tomadores, serviços, contratos and first notes.

Half issue through SISGENF-e in Barreiros (PE), half through Integra Notas. None is of the Simples, whose notes are
issued nationally since the competência 11/2026. Without the sandbox there are no channels, and the notes stay drafts;
a later run with it completes what is missing. Nothing is waited for: the notes go when a worker runs.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from comum.models import Usuario
from empresas.calendario import somar_meses
from empresas.contexto import competencia_padrao
from empresas.models import Empresa, Regime
from nfse.models import CanalNfse, Contrato, Nota, NotaItem, ReferenciaCanal, Servico, TipoCanal, Tomador
from nfse.services import cadastros, canais, testes
from nfse.services.contratos import data_de_emissao
from nfse.services.emissao import com_tudo, emitir, prevoo
from nfse.services.notas import DadosNota, gravar, item_do_servico
from operacoes.errors import ProviderError

QUANTAS = 12
CONTRATOS = 10
BARREIROS, CEP = "2601409", "55560000"
USUARIO, SENHA, APP = "guiche-demo", "senha-de-demonstracao", "guiche-demo"
# LC 116 item, national code, code, name, description, amount
SERVICOS = (
    ("17.19", "171901", "HON", "Honorários contábeis", "Honorários contábeis de {MES} de {ANO}", "850.00"),
    ("17.01", "170101", "CON", "Consultoria", "Consultoria prestada em {MES} de {ANO}", "1800.00"),
)
CLIENTES = (
    "Usina Boa Vista SA", "Hotel dos Carneiros Ltda", "Mercado Dois Rios Ltda", "Clínica Santa Rita Ltda",
    "Construtora Engenho Novo SA", "Escola Cirandinha Ltda", "Transportes Una Ltda", "Pousada do Farol Ltda",
)  # fmt: skip

# What others issued to each emitente: prestador, service, amount, withholdings, layout of the XML
RECEBIDAS: tuple[tuple[str, str, str, dict[str, str], str], ...] = (
    ("Vigilância Sentinela Ltda", "Vigilância", "4200.00", {"inss": "462.00", "ir": "42.00"}, "municipal"),
    ("Advocacia Lima Ltda", "Honorários", "3000.00", {"ir": "45.00", "pis": "19.50", "cofins": "90.00"}, "nacional"),
    ("Limpadora Brilho Ltda", "Limpeza e conservação", "1500.00", {"iss": "75.00", "inss": "165.00"}, "municipal"),
    ("Gráfica Litoral Ltda", "Impressos", "380.00", {}, "proprio"),
)

Pedir = Callable[[str, dict[str, Any] | None], bytes]


@dataclass(frozen=True)
class Sandbox:
    """Its control page, and how it is asked: `pedir(url, body)` gives the answer."""

    controle: str
    pedir: Pedir

    def post(self, caminho: str, dados: dict[str, Any]) -> Any:
        return json.loads(self.pedir(f"{self.controle}/controle/api/{caminho}", dados) or b"{}")


def completar(
    empresas: QuerySet[Empresa], usuario: Usuario, cnpj: Callable[[int], str], sandbox: Sandbox | None
) -> int:
    """Give the dozen what it lacks. Returns how many notes were written."""
    fora_do_simples = empresas.filter(ativa=True, matriz=None, regime__in=[Regime.PRESUMIDO, Regime.REAL])
    doze = list(fora_do_simples.order_by("pk")[:QUANTAS])
    if sandbox is not None:
        _canais(doze, usuario, cnpj, sandbox)
    with transaction.atomic():
        for posicao, empresa in enumerate(doze):
            if not empresa.tomadores.exists():
                cadastrar_tomadores(empresa, posicao, cnpj)
            if not empresa.servicos.exists():
                cadastrar_servicos(empresa)
        _contratos(doze)
        _atividades(doze)
        notas = _rascunhos(doze, usuario)
    if sandbox is not None:
        _emitir(doze, usuario)
    return len(notas)


# -- channels ---------------------------------------------------------------------------------------------------------


def _canais(empresas: Sequence[Empresa], usuario: Usuario, cnpj: Callable[[int], str], sandbox: Sandbox) -> None:
    """The even ones at SISGENF-e, the odd ones at Integra Notas; each registered there first, then tested."""
    com_canal = set(CanalNfse.objects.filter(empresa__in=empresas).values_list("empresa", flat=True))
    do_sisgenfe = [empresa for empresa in empresas[::2] if empresa.pk not in com_canal]
    do_integranotas = [empresa for empresa in empresas[1::2] if empresa.pk not in com_canal]
    novos = _no_sisgenfe(do_sisgenfe, usuario, sandbox) + _no_integranotas(do_integranotas, usuario, sandbox)
    for empresa in do_integranotas:
        _recebidas(empresa, cnpj, sandbox)
    for canal in [*novos[:2], *novos[-2:]]:  # the others are left for a person to test
        testes.testar(canal=canal, usuario=usuario)
    _referencias([canal for canal in novos if canal.tipo == TipoCanal.SISGENFE], usuario)


def _no_sisgenfe(empresas: Sequence[Empresa], usuario: Usuario, sandbox: Sandbox) -> list[CanalNfse]:
    acesso = {"usuario": USUARIO, "senha": SENHA, "app": APP, "municipio": BARREIROS}
    atividades = {"atividades": [item for item, *_ in SERVICOS]}
    prestadores = [{"cnpj": e.documento, "nome": e.razao_social, **acesso, **atividades} for e in empresas]
    if prestadores:
        sandbox.post("sisgenfe/prestadores", {"prestadores": prestadores})
    feitos = []
    for empresa in empresas:
        Empresa.objects.filter(pk=empresa.pk).update(municipio=BARREIROS)
        empresa.refresh_from_db()
        dados = canais.DadosCanal(usuario=USUARIO, senha=SENHA, chave_aplicacao=APP)
        feitos.append(canais.criar(usuario=usuario, empresa=empresa, tipo=TipoCanal.SISGENFE, dados=dados))
    return feitos


def _no_integranotas(empresas: Sequence[Empresa], usuario: Usuario, sandbox: Sandbox) -> list[CanalNfse]:
    if not empresas:
        return []
    emitentes = [
        {
            "documento": e.documento,
            "nome": e.razao_social,
            "municipio": e.municipio_id,
            "im": e.inscricao_municipal,
            "certificado_ate": somar_meses(timezone.localdate(), 8).isoformat(),
        }
        for e in empresas
    ]
    registrados = sandbox.post("integranotas/emitentes", {"emitentes": emitentes})["emitentes"]
    tokens = {registrado["documento"]: registrado["token"] for registrado in registrados}
    return [
        canais.criar(
            usuario=usuario,
            empresa=empresa,
            tipo=TipoCanal.INTEGRANOTAS,
            dados=canais.DadosCanal(token=tokens[empresa.documento], serie="1"),
        )
        for empresa in empresas
    ]


def _recebidas(empresa: Empresa, cnpj: Callable[[int], str], sandbox: Sandbox) -> None:
    """What *Buscar notas do mês* will find, of the month before."""
    notas = [
        {
            "prestador": cnpj(950_000 + ordem),
            "nome": nome,
            "discriminacao": servico,
            "valor": valor,
            "retencoes": retencoes,
            "leiaute": leiaute,
            "numero": 100 + ordem,
            "emissao": competencia_padrao().replace(day=5 + ordem * 6).isoformat(),
        }
        for ordem, (nome, servico, valor, retencoes, leiaute) in enumerate(RECEBIDAS)
    ]
    sandbox.post("integranotas/recebidas", {"emitente": empresa.documento, "notas": notas})


def _referencias(novos: Sequence[CanalNfse], usuario: Usuario) -> None:
    """The ids of the service: read by the first channel and copied to the others, whose atividades are the same."""
    if not novos:
        return
    primeiro, *outros = novos
    try:
        cadastros.atualizar(canal=primeiro, usuario=usuario, uf="PE")
    except ProviderError:
        return  # the screen Cadastros do serviço reads them later
    lidas = list(primeiro.referencias.all())
    copias = []
    for canal in outros:
        for lida in lidas:
            campos = {"especie": lida.especie, "codigo": lida.codigo, "id_servico": lida.id_servico, "nome": lida.nome}
            copias.append(
                ReferenciaCanal(canal=canal, lc116=lida.lc116, dados=lida.dados, lida_em=lida.lida_em, **campos)
            )
    ReferenciaCanal.objects.bulk_create(copias, batch_size=5_000)
    CanalNfse.objects.filter(pk__in=[canal.pk for canal in outros]).update(referencias_em=timezone.now())


# -- registers --------------------------------------------------------------------------------------------------------


def cadastrar_tomadores(empresa: Empresa, posicao: int, cnpj: Callable[[int], str]) -> None:
    """Three to six of them, in Barreiros."""
    for ordem in range(3 + posicao % 4):
        Tomador.objects.create(
            empresa=empresa,
            documento=cnpj(900_000 + posicao * 10 + ordem),
            nome=CLIENTES[(posicao + ordem) % len(CLIENTES)],
            email=f"financeiro{posicao}{ordem}@cliente.example",
            logradouro="Rua Ayres Belo",
            numero=str(100 + ordem),
            bairro="Centro",
            cep=CEP,
            municipio_id=BARREIROS,
        )


def cadastrar_servicos(empresa: Empresa) -> None:
    for item, nacional, codigo, nome, descricao, valor in SERVICOS:
        Servico.objects.create(
            empresa=empresa,
            codigo=codigo,
            nome=nome,
            item_lc116_id=item,
            codigo_nacional=nacional,
            descricao=descricao,
            valor=Decimal(valor),
            aliquota_iss=Decimal("3.00"),
        )


def _atividades(empresas: Iterable[Empresa]) -> None:
    """The atividade of each serviço, and of the drafts made from it, among those that the prestador may use."""
    servicos = Servico.objects.filter(empresa__in=list(empresas), atividade=None).order_by("pk")
    atividades: dict[tuple[int, str], int] = {}
    lidas = ReferenciaCanal.objects.filter(especie=ReferenciaCanal.Especie.ATIVIDADE, canal__empresa__in=list(empresas))
    for empresa, item, ident in lidas.order_by("-id_servico").values_list("canal__empresa", "lc116", "id_servico"):
        atividades[empresa, item] = ident
    for servico in servicos:
        if atividade := atividades.get((servico.empresa_id, servico.item_lc116_id)):
            Servico.objects.filter(pk=servico.pk).update(atividade=atividade)
            itens = NotaItem.objects.filter(servico=servico, atividade=None, nota__situacao=Nota.Situacao.RASCUNHO)
            itens.update(atividade=atividade)


def _contratos(empresas: Sequence[Empresa]) -> None:
    """One monthly fee for each of the first ten, since the first day of the year."""
    desde = date(timezone.localdate().year, 1, 1)
    ja = set(Contrato.objects.filter(empresa__in=empresas).values_list("empresa", flat=True))
    for posicao, empresa in enumerate(empresas[:CONTRATOS]):
        if empresa.pk in ja:
            continue
        servico = empresa.servicos.order_by("pk")[posicao % 2]
        Contrato.objects.create(
            empresa=empresa,
            tomador=empresa.tomadores.order_by("pk")[posicao % 3],
            servico=servico,
            valor=Decimal(600 + 150 * posicao),
            valor_desde=desde,
            de=desde,
            dia=1 + posicao * 2,
            mes_do_reajuste=1,
            indice="IPCA",
        )


# -- notes ------------------------------------------------------------------------------------------------------------


def _rascunhos(empresas: Sequence[Empresa], usuario: Usuario) -> list[Nota]:
    """A draft for each contrato in each of the last two months, where the empresa has no note yet."""
    hoje, mes = timezone.localdate(), competencia_padrao()
    com_notas = set(Nota.objects.filter(empresa__in=empresas).values_list("empresa", flat=True))
    contratos = Contrato.objects.filter(empresa__in=empresas).exclude(empresa__in=com_notas)
    notas = []
    for contrato in contratos.select_related("empresa__municipio", "tomador__municipio", "servico").order_by("empresa"):
        lugar = contrato.empresa.municipio
        if lugar is None:
            continue
        for competencia in (mes, hoje.replace(day=1)):
            item = item_do_servico(contrato.servico, competencia, valor=contrato.valor, descricao=contrato.descricao)
            dados = DadosNota(
                empresa=contrato.empresa,
                tomador=contrato.tomador,
                competencia=competencia,
                emissao=min(data_de_emissao(contrato, competencia), hoje),
                municipio_prestacao=lugar,
                itens=[item],
                contrato=contrato,
            )
            notas.append(gravar(dados, usuario))
    return notas


def _emitir(empresas: Sequence[Empresa], usuario: Usuario) -> None:
    """Submit the drafts of the month before, and half of this month's; what the pré-voo leaves out stays a draft."""
    rascunhos = Nota.objects.filter(empresa__in=empresas, situacao=Nota.Situacao.RASCUNHO).order_by("pk")
    deste_mes = list(rascunhos.filter(competencia__gt=competencia_padrao()).values_list("pk", flat=True))
    escolhidas = [*rascunhos.filter(competencia=competencia_padrao()).values_list("pk", flat=True), *deste_mes[::2]]
    if Nota.objects.filter(empresa__in=empresas).exclude(situacao=Nota.Situacao.RASCUNHO).exists():
        return  # issued before: what is a draft now is a person's
    previa = prevoo(com_tudo(escolhidas))
    if previa.prontas:
        emitir(escolhidas, usuario, marca=previa.marca, titulo="Notas de demonstração")
