"""scikit-learn with models in memory that were trained on the data sets that it ships, and those as frames."""
import pandas
from sklearn import datasets
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from serve import serve

SEED = 4

DIGITS = datasets.load_digits(as_frame=True)
CANCER = datasets.load_breast_cancer(as_frame=True)
DIABETES = datasets.load_diabetes(as_frame=True)
WINE = datasets.load_wine(as_frame=True)
DATA = [DIGITS, CANCER, DIABETES, WINE]

FOREST = RandomForestClassifier(400, random_state=SEED).fit(DIGITS.data, DIGITS.target)
REGRESSION = RandomForestRegressor(400, random_state=SEED).fit(DIABETES.data, DIABETES.target)
BOOSTED = GradientBoostingClassifier(n_estimators=40, random_state=SEED).fit(DIGITS.data, DIGITS.target)
NEIGHBOURS = KNeighborsClassifier().fit(DIGITS.data, DIGITS.target)
SEARCH = GridSearchCV(
    make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
    {"logisticregression__C": [0.1, 1.0, 10.0]},
    cv=3,
).fit(CANCER.data, CANCER.target)

# Words of what scikit-learn says of its data, each description as often as makes a corpus.
LINES = [f"{line} w{number}" for number in range(400) for each in DATA for line in each.DESCR.splitlines()]
VECTORIZER = TfidfVectorizer(ngram_range=(1, 2))
MATRIX = VECTORIZER.fit_transform(LINES)

PREDICTIONS = pandas.DataFrame({"right": DIGITS.target, "forest": FOREST.predict(DIGITS.data)})
serve([DATA, FOREST, REGRESSION, BOOSTED, NEIGHBOURS, SEARCH, VECTORIZER, MATRIX, PREDICTIONS])
