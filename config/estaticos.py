"""Static files of an installed product: hashed names, also inside the imports of the JavaScript modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Estaticos(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    max_post_process_passes = 12  # one a level of imports
