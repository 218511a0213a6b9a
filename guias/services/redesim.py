"""The office as contador at the Redesim: its vínculos and its renúncias, asked for through each credencial."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Credencial
from empresas.models import Empresa
from guias.models import ConsultaDeRenuncias, Renuncia
from guias.providers.interface import Partes
from guias.providers.pnr import Renuncia as RenunciaLida
from guias.services.acesso import sem_adicional
from guias.services.pedidos import partes_para_json
from operacoes.models import ABERTAS, Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import criar, ja_pedido

VINCULOS, RENUNCIAS = "guias.redesim.vinculos", "guias.redesim.renuncias"
# By tipo: the run's title, and what is being asked for.
_PERGUNTAS = {
    VINCULOS: ("Consultar vínculos na Redesim", "Os vínculos já estão sendo consultados."),
    RENUNCIAS: ("Consultar renúncias na Redesim", "As renúncias já estão sendo consultadas."),
}


class NadaAConsultar(Exception):
    """No credencial can be asked through now; the text (pt-BR) says why and what next."""


def nova_consulta(tipo: str, credencial: Credencial, marca: str) -> NovaOperacao:
    """`tipo`: VINCULOS or RENUNCIAS."""
    cnpj = credencial.contratante
    return NovaOperacao(
        tipo=tipo,
        chave=f"{tipo.removeprefix('guias.')}:{credencial.codigo}:{marca}",
        pedido={"partes": partes_para_json(Partes(cnpj, cnpj, cnpj)), "credencial": str(credencial.pk)},
        acesso=credencial.acesso,
    )


def consultar(tipo: str, credenciais: list[Credencial], usuario: Usuario, marca: str) -> Processamento:
    """One question through each credencial; `marca` is the page's, so that a second click asks nothing more and gives
    the same run. What is of no empresa is not listed among what a run left out: whoever asks tells of `fora`."""
    if (anterior := ja_pedido(tipo, marca, usuario)) is not None:
        return anterior
    if falta := sem_adicional():
        raise NadaAConsultar(falta)
    titulo, ja_vai = _PERGUNTAS[tipo]
    abertas = set(Operacao.objects.filter(tipo=tipo, situacao__in=ABERTAS).values_list("acesso", flat=True))
    livres = [credencial for credencial in credenciais if credencial.acesso not in abertas]
    if not livres:
        raise NadaAConsultar(
            f"{ja_vai} Espere a resposta."
            if credenciais
            else "Nenhuma credencial pode ser usada agora. Veja na tabela 102 o que falta em cada uma."
        )
    novas = [nova_consulta(tipo, credencial, marca) for credencial in livres]
    with transaction.atomic():
        run = criar(tipo, titulo, usuario, None, novas, parametros={"marca": marca})
        if not run.operacoes.exists():
            raise NadaAConsultar(run.fora[0][2])
    return run


def guardar_renuncias(operacao: Operacao, lidas: Iterable[RenunciaLida]) -> dict[str, Any]:
    """What the Redesim has of a contratante. Those of empresas of the cadastro become rows of their own, which may have
    a receipt."""
    todas, credencial = list(lidas), operacao.pedido["credencial"]
    ConsultaDeRenuncias.objects.create(
        credencial_id=credencial,
        renuncias=[{"numero": r.numero, "cnpj": r.cnpj, "feita_em": r.feita_em.isoformat()} for r in todas],
        operacao=operacao,
        consultada_em=timezone.now(),
    )
    conhecidas = dict(Empresa.objects.filter(documento__in={r.cnpj for r in todas}).values_list("documento", "pk"))
    Renuncia.objects.bulk_create(
        [
            Renuncia(empresa_id=conhecidas[r.cnpj], credencial_id=credencial, numero=r.numero, feita_em=r.feita_em)
            for r in todas
            if r.cnpj in conhecidas
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    return {"renuncias": len(todas)}
