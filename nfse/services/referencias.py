"""The internal ids of SISGENF-e as kept here: read for a client, and written when it learnt more."""

from collections.abc import Iterable

from django.utils import timezone

from nfse.models import CanalNfse, ReferenciaCanal
from nfse.providers.sisgenfe import Atividade, Municipio, Referencias, Unidade

Especie = ReferenciaCanal.Especie


def carregar(canal: CanalNfse) -> Referencias:
    """What is known of municípios and units, for a client of this canal."""
    lidas = canal.referencias.filter(especie__in=[Especie.MUNICIPIO, Especie.UNIDADE])
    ids: dict[str, dict[str, int]] = {Especie.MUNICIPIO: {}, Especie.UNIDADE: {}}
    for especie, codigo, id_servico in lidas.values_list("especie", "codigo", "id_servico"):
        ids[especie][codigo] = id_servico
    return Referencias(municipios=ids[Especie.MUNICIPIO], unidades=ids[Especie.UNIDADE])


def guardar(canal: CanalNfse, lidas: Iterable[Municipio | Unidade | Atividade]) -> None:
    """Keep what the service told; an id that means something else by now is corrected."""
    agora = timezone.now()
    linhas = [_linha(canal, lida) for lida in lidas]
    for linha in linhas:
        linha.lida_em = agora
    ReferenciaCanal.objects.bulk_create(
        linhas,
        update_conflicts=True,
        unique_fields=["canal", "especie", "id_servico"],
        update_fields=["codigo", "nome", "lc116", "dados", "lida_em"],
    )


def trocar_atividades(canal: CanalNfse, lidas: Iterable[Atividade]) -> None:
    """The prestador's atividades as they are now: those that the service no longer lists are forgotten."""
    atuais = list(lidas)
    guardar(canal, atuais)
    velhas = canal.referencias.filter(especie=Especie.ATIVIDADE)
    velhas.exclude(id_servico__in=[atividade.id for atividade in atuais]).delete()


def _linha(canal: CanalNfse, lida: Municipio | Unidade | Atividade) -> ReferenciaCanal:
    match lida:
        case Municipio():
            especie, codigo, dados, lc116 = Especie.MUNICIPIO, lida.ibge, {"uf": lida.uf}, ""
        case Unidade():
            especie, codigo, dados, lc116 = Especie.UNIDADE, lida.nome, {}, ""
        case Atividade():
            especie, codigo, lc116 = Especie.ATIVIDADE, lida.cnae, lida.lc116
            dados = {"lc116": lida.lc116_descricao}
    return ReferenciaCanal(
        canal=canal, especie=especie, codigo=codigo, id_servico=lida.id, nome=lida.nome, lc116=lc116, dados=dados
    )
