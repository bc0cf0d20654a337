"""Finds sets and rules by mlxtend."""
import json
import sys

import mlxtend
import pandas
from mlxtend.frequent_patterns import association_rules, fpgrowth
from mlxtend.preprocessing import TransactionEncoder

asked = json.load(sys.stdin)
print("mlxtend", mlxtend.__version__)
encoder = TransactionEncoder()
table = pandas.DataFrame(encoder.fit(asked["baskets"]).transform(asked["baskets"]), columns=encoder.columns_)
sets = fpgrowth(table, min_support=asked["support"], use_colnames=True)
rules = association_rules(sets, metric="confidence", min_threshold=asked["confidence"])
n = len(asked["baskets"])
print(json.dumps({
    "Sets": [{"Items": sorted(int(i) for i in s), "Count": round(p * n)} for s, p in zip(sets.itemsets, sets.support)],
    "Rules": [{
        "If": [int(i) for i in r.antecedents], "Then": [int(i) for i in r.consequents],
        "Support": r.support, "Confidence": r.confidence, "Lift": r.lift, "Leverage": r.leverage,
        "Conviction": min(r.conviction, 1e300), "Zhang": r.zhangs_metric, "Jaccard": r.jaccard, "Kulczynski": r.kulczynski,
    } for r in rules.itertuples()],
}))
