"""What the pré-voo tells of the accesses, at no cost: an end before the due date, a procuração nobody asked about, the
add-on that is missing."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from comum.formatos import format_data
from comum.models import Adicional, Usuario
from credentials.models import Autor, CertificadoA1, Credencial, Servico, Vinculo
from empresas.calendario import somar_meses
from empresas.models import Empresa, Regime
from guias import tasks
from guias.models import Darf, ReceitaSicalc
from guias.services import darfs, defis, mei, novidades, redesim
from guias.services.acesso import Acessos, Codigo, exigidos
from guias.services.acoes import DEFINICOES, Acao
from guias.services.avisos import Aviso, dos_acessos
from guias.services.das import prazo_das
from guias.services.prevoo import prevoo
from operacoes.custos import teto
from operacoes.models import Operacao, Processamento
from operacoes.motor import NovaOperacao
from tests.cast import criar_empresa
from tests.guias.apoio import MES, informar, procuracao_de, vincular

pytestmark = pytest.mark.django_db

HOJE = timezone.localdate()
