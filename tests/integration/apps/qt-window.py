"""A small Qt 5 window that says on stdout what reaches it."""
import sys

from PyQt5.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

app = QApplication(["qt-window"])
app.setCursorFlashTime(0)
window = QWidget()
window.setWindowTitle("Qt window")
layout = QVBoxLayout(window)
layout.addWidget(QLabel("A label, äöü €, and some <b>bold</b> words"))
line = QLineEdit()
line.textChanged.connect(lambda text: print("text", text, flush=True))
layout.addWidget(line)
button = QPushButton("Press")
button.clicked.connect(lambda: print("pressed", flush=True))
layout.addWidget(button)
line.setDragEnabled(True)
line.setFocus()
window.show()
sys.exit(app.exec())
