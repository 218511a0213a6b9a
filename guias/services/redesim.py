"""The office as contador at the Redesim: its vínculos, asked for through each credencial."""

from django.db import transaction

from comum.models import Usuario
from credentials.models import Credencial
from guias.providers.interface import Partes
from guias.services.acesso import sem_adicional
from guias.services.pedidos import partes_para_json
from operacoes.models import ABERTAS, Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import criar, ja_pedido

TIPO = "guias.redesim.vinculos"


class NadaAConsultar(Exception):
    """No credencial can be asked through now; the text (pt-BR) says why and what next."""


def nova_consulta_de_vinculos(credencial: Credencial, marca: str) -> NovaOperacao:
    cnpj = credencial.contratante
    return NovaOperacao(
        tipo=TIPO,
        chave=f"redesim.vinculos:{credencial.codigo}:{marca}",
        pedido={"partes": partes_para_json(Partes(cnpj, cnpj, cnpj)), "credencial": str(credencial.pk)},
        acesso=credencial.acesso,
    )


def consultar_vinculos(credenciais: list[Credencial], usuario: Usuario, marca: str) -> Processamento:
    """One question through each credencial; `marca` is the page's, so that a second click asks nothing more and gives
    the same run. What is of no empresa is not listed among what a run left out: whoever asks tells of `fora`."""
    if (anterior := ja_pedido(TIPO, marca, usuario)) is not None:
        return anterior
    if falta := sem_adicional():
        raise NadaAConsultar(falta)
    abertas = set(Operacao.objects.filter(tipo=TIPO, situacao__in=ABERTAS).values_list("acesso", flat=True))
    livres = [credencial for credencial in credenciais if credencial.acesso not in abertas]
    if not livres:
        raise NadaAConsultar(
            "Os vínculos já estão sendo consultados. Espere a resposta."
            if credenciais
            else "Nenhuma credencial pode ser usada agora. Veja na tabela 102 o que falta em cada uma."
        )
    novas = [nova_consulta_de_vinculos(credencial, marca) for credencial in livres]
    with transaction.atomic():
        run = criar(TIPO, "Consultar vínculos na Redesim", usuario, None, novas, parametros={"marca": marca})
        if not run.operacoes.exists():
            raise NadaAConsultar(run.fora[0][2])
    return run
