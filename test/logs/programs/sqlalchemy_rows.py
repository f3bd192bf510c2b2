# logs: {"modes": ["leak", "bounded"], "itemBytes": 40000}
import logging

from sqlalchemy import LargeBinary, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from pace import MODE, is_new, payload, ticks

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s [%(name)s] %(message)s")
log = logging.getLogger("store")


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "document"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
session = Session(engine, autoflush=False)
@name@ = []
for i in ticks():
    if is_new(i):
        @name@.append(Document(id=i, body=payload(40000)))
        if MODE == "bounded" and len(@name@) > 20:
            @name@.pop(0)
    if i % 50 == 0:
        session.query(Document).count()
        log.info("checked table document")
    if i % 4 == 0:
        log.info("@work:%d@", i)
        log.info("@kept:%d@", len(@name@))
