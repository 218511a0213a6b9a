"""Official tables. Rows come from empresas/dados/*.csv after each migrate and are not edited by hand, except Obrigacao
(an office may correct a due rule) and ProrrogacaoVencimento (the committee's postponements)."""

from django.db import models


class Municipio(models.Model):
    """Source: IBGE, Divisão Territorial Brasileira 2024; TOM code of Receita Federal."""

    codigo_ibge = models.CharField("código IBGE", max_length=7, primary_key=True)
    codigo_tom = models.CharField("código TOM", max_length=4, blank=True, db_index=True)
    nome = models.CharField("nome", max_length=60)
    uf = models.CharField("UF", max_length=2, db_index=True)
    busca = models.CharField(max_length=60, editable=False, db_index=True)

    class Meta:
        verbose_name = "município"
        ordering = ["busca", "uf"]

    def __str__(self) -> str:
        return f"{self.nome}/{self.uf}"


class Cnae(models.Model):
    """CNAE-Subclasses 2.3 (Resolução Concla 2/2018)."""

    subclasse = models.CharField("subclasse", max_length=7, primary_key=True)
    descricao = models.CharField("descrição", max_length=250)
    secao = models.CharField("seção", max_length=1)

    class Meta:
        verbose_name = "CNAE"
        verbose_name_plural = "CNAE"
        ordering = ["subclasse"]

    def __str__(self) -> str:
        s = self.subclasse
        return f"{s[:4]}-{s[4]}/{s[5:]} {self.descricao}"


class Feriado(models.Model):
    """Days without bank business in the whole country (Resolução CMN 4.880/2020 and national holiday laws)."""

    data = models.DateField("data", primary_key=True)
    nome = models.CharField("nome", max_length=60)
    tipo = models.CharField("tipo", max_length=10)
    base_legal = models.CharField("base legal", max_length=120)

    class Meta:
        verbose_name = "feriado"
        ordering = ["data"]

    def __str__(self) -> str:
        return f"{self.data:%d/%m/%Y} {self.nome}"


class ItemLc116(models.Model):
    item = models.CharField("item", max_length=5, primary_key=True)
    descricao = models.TextField("descrição")
    tomador_local = models.BooleanField("ISS fora do prestador")
    local_incidencia = models.CharField("local de incidência", max_length=10)
    base_legal = models.CharField("base legal", max_length=120)

    class Meta:
        verbose_name = "item da LC 116"
        verbose_name_plural = "itens da LC 116"
        ordering = ["item"]

    def __str__(self) -> str:
        return f"{self.item} {self.descricao}"


class ServicoNacional(models.Model):
    codigo = models.CharField("cTribNac", max_length=6, primary_key=True)
    item_lc116 = models.CharField("item da LC 116", max_length=5, blank=True)
    descricao = models.TextField("descrição")
    local_incidencia = models.CharField("local de incidência", max_length=10, blank=True)
    grupo_obrigatorio = models.CharField("grupo obrigatório", max_length=20, blank=True)
    fonte = models.CharField("fonte", max_length=80)

    class Meta:
        verbose_name = "serviço nacional"
        verbose_name_plural = "serviços nacionais"
        ordering = ["codigo"]

    def __str__(self) -> str:
        return f"{self.codigo} {self.descricao}"


class ReceitaFederal(models.Model):
    codigo_receita = models.CharField("código da receita", max_length=4)
    extensao = models.CharField("extensão", max_length=4, blank=True)
    denominacao = models.CharField("denominação", max_length=200)
    tributo = models.CharField("tributo", max_length=40)
    periodicidade = models.CharField("periodicidade", max_length=20)
    fonte = models.CharField("fonte", max_length=120)

    class Meta:
        verbose_name = "receita federal"
        verbose_name_plural = "receitas federais"
        ordering = ["codigo_receita", "extensao"]
        constraints = [models.UniqueConstraint(fields=["codigo_receita", "extensao"], name="receita_unica")]

    def __str__(self) -> str:
        return f"{self.codigo_receita} {self.denominacao}"


class Obrigacao(models.Model):
    """An obligation and its due rule; ajuste: posterga, antecipa, nenhum, nao_se_aplica, configuravel, a_conferir."""

    codigo = models.CharField("código", max_length=30, primary_key=True)
    nome = models.CharField("nome", max_length=120)
    esfera = models.CharField("esfera", max_length=15)
    publico = models.CharField("público", max_length=160)
    periodicidade = models.CharField("periodicidade", max_length=20)
    tipo = models.CharField("tipo", max_length=20)
    regra_vencimento = models.TextField("regra do vencimento")
    dia = models.CharField("dia", max_length=20, blank=True)
    mes = models.CharField("mês", max_length=20, blank=True)
    meses_apos = models.CharField("meses após", max_length=20, blank=True)
    ajuste_dia_nao_util = models.CharField("ajuste em dia não útil", max_length=15)
    base_legal = models.TextField("base legal")
    confianca = models.CharField("confiança", max_length=12)

    class Meta:
        verbose_name = "obrigação"
        verbose_name_plural = "obrigações"
        ordering = ["codigo"]

    def __str__(self) -> str:
        return self.nome


class ProrrogacaoVencimento(models.Model):
    """A due date moved by an official act for one obligation and competência; wins over the rule."""

    obrigacao = models.ForeignKey(Obrigacao, on_delete=models.CASCADE, verbose_name="obrigação")
    competencia = models.DateField("competência")
    vencimento = models.DateField("novo vencimento")
    base_legal = models.CharField("base legal", max_length=200)

    class Meta:
        verbose_name = "prorrogação de vencimento"
        verbose_name_plural = "prorrogações de vencimento"
        constraints = [models.UniqueConstraint(fields=["obrigacao", "competencia"], name="prorrogacao_unica")]

    def __str__(self) -> str:
        return f"{self.obrigacao_id} {self.competencia:%m/%Y}"


class FaixaSimples(models.Model):
    """One band of an annex of the Simples Nacional, valid from `vigencia_de` to `vigencia_ate` (competências, both in).

    Percentages as published (12.74 means 12.74 %). Sources: LC 123/2006 with LC 155/2016; LC 214/2025, LC 227/2026
    and Resolução CGSN 190/2026 for 2027-2028.
    """

    vigencia_de = models.DateField("vigência de")
    vigencia_ate = models.DateField("vigência até")
    anexo = models.CharField("anexo", max_length=3)
    faixa = models.PositiveSmallIntegerField("faixa")
    limite_superior_rbt12 = models.DecimalField("limite superior da RBT12", max_digits=14, decimal_places=2)
    aliquota_nominal = models.DecimalField("alíquota nominal", max_digits=5, decimal_places=2)
    parcela_deduzir = models.DecimalField("parcela a deduzir", max_digits=12, decimal_places=2)
    reparticao = models.JSONField("repartição dos tributos")

    class Meta:
        verbose_name = "faixa do Simples Nacional"
        verbose_name_plural = "faixas do Simples Nacional"
        ordering = ["vigencia_de", "anexo", "faixa"]
        constraints = [models.UniqueConstraint(fields=["vigencia_de", "anexo", "faixa"], name="faixa_unica")]

    def __str__(self) -> str:
        return f"Anexo {self.anexo}, faixa {self.faixa}, desde {self.vigencia_de:%m/%Y}"


class TabelaCarregada(models.Model):
    """Which version (SHA-256) of each official file the database holds, so that loading again costs nothing."""

    arquivo = models.CharField("arquivo", max_length=60, primary_key=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    linhas = models.PositiveIntegerField("linhas")
    carregada_em = models.DateTimeField("carregada em", auto_now=True)

    class Meta:
        verbose_name = "tabela oficial"
        verbose_name_plural = "tabelas oficiais"
        ordering = ["arquivo"]

    def __str__(self) -> str:
        return self.arquivo
