"""What the pré-voo of the actions that are of no month looks at, besides the accesses."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from django.db.models import Q, prefetch_related_objects

from empresas.models import Empresa
from empresas.municipios import Municipios
from guias.models import Consulta, DeclaracaoDefis, OpcaoRegime, RascunhoDefis
from guias.providers.caixapostal import INNOVAMSG63, MSGCONTRIBUINTE61
from guias.services.acesso import Acessos


class ContextoDaCaixa(Acessos):
    """With what the free flag last said of each empresa, where nothing was listed since."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, tipos)
        servicos = (str(INNOVAMSG63), str(MSGCONTRIBUINTE61))
        ultimas = Consulta.objects.filter(empresa__in=[e.pk for e in empresas], servico__in=servicos).ultimas()
        # Keys name the status that was listed, so a list of everything and one of the unread are two answers.
        lidas = sorted(ultimas, key=lambda consulta: consulta.pk)
        self.sem_novas: dict[int, date] = {}
        for consulta in lidas:
            if consulta.servico == str(INNOVAMSG63) and not consulta.resposta.get("novas"):
                self.sem_novas[consulta.empresa_id] = consulta.consultada_em.date()
            else:
                self.sem_novas.pop(consulta.empresa_id, None)


class ContextoAnual(Acessos):
    """With the DEFIS, drafts and options of regime known, and every Operacao of the kinds, whatever its month."""

    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, tipos)
        pks = [empresa.pk for empresa in empresas]
        prefetch_related_objects(list(empresas), "filiais")  # whose figures a DEFIS has too
        self.defis: dict[tuple[int, int], list[DeclaracaoDefis]] = {}
        for declaracao in DeclaracaoDefis.objects.filter(empresa__in=pks).order_by("pk"):
            self.defis.setdefault((declaracao.empresa_id, declaracao.ano), []).append(declaracao)
        self.rascunhos = {(r.empresa_id, r.ano): r for r in RascunhoDefis.objects.filter(empresa__in=pks)}
        self.opcoes = {(o.empresa_id, o.ano): o for o in OpcaoRegime.objects.filter(empresa__in=pks, na_receita=True)}

    @cached_property
    def municipios(self) -> Municipios:
        """Those that the lists of a DEFIS name, read once for all of them."""
        return Municipios()

    def _quais(self) -> Q:
        return Q()
